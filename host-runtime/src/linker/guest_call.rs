//! The way of a call to a host function that takes the [`Guest`].

use std::mem::MaybeUninit;

use wasmtime::{Caller, Extern, Func, FuncType, Linker, Ref, Table, Val, ValRaw};

use crate::{
    call::{Call, Raw},
    error::BadValue,
    guest::{Access, Guest},
    linker::{
        hostcall::{define_raw, find, find_memory, no_memory, with_references},
        store_call::StoreCall,
    },
    memory::{Found, MemoryRef, NoMemory},
    references::{self, Object, References},
    registry::{HostFunction, HostGlobal},
    state::HostData,
    values::Width,
};

/// The shim of a function that takes the [`Guest`].
#[doc(hidden)]
pub trait GuestShim: 'static {
    const FUNCTION: &'static HostFunction;

    fn call(guest: Guest<'_>, call: &mut GuestCall<'_>) -> wasmtime::Result<()>;
}

/// One call of a host function that takes the [`Guest`].
#[doc(hidden)]
pub struct GuestCall<'a>(StoreCall<'a>);

impl GuestCall<'_> {
    /// Makes the parameters, none of which may borrow from the guest.
    ///
    /// # Errors
    ///
    /// What the guest has passed that a parameter cannot be made of.
    pub fn parameters<P>(
        &mut self,
        guest: &mut Guest<'_>,
        make: impl FnOnce(&mut Call<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let function = self.0.function();
        let (memory, host) = if self.0.uses_memory() {
            let found = guest.memory_and_host();
            let (threads, memory, host) = found.map_err(|reason| no_memory(*reason, function))?;
            (Some((threads, memory)), host)
        } else {
            (None, guest.host())
        };
        let budget = host.copy_budget();
        // SAFETY: `Access` says whose the memory is.
        let (parameters, left) = unsafe { self.0.parameters(memory, budget, make) }?;
        guest.set_budget(left);
        Ok(parameters)
    }

    /// The call once the function has returned, to pass its result.
    pub fn returned(&mut self) -> Call<'_> {
        self.0.returned()
    }
}

/// Calls a shim, whatever the store's data.
///
/// # Safety
///
/// `raw` are the slots that Wasmtime passes to a function of `F::FUNCTION`'s type for the guest's width.
pub(crate) unsafe fn enter_with_guest<F: GuestShim>(
    raw: Raw<'_>,
    guest: Guest<'_>,
    references: Option<&mut References>,
) -> wasmtime::Result<()> {
    // SAFETY: the caller says so.
    let common = unsafe { StoreCall::new(raw, references, F::FUNCTION, guest.width()) };
    let mut call = GuestCall(common);
    let result = F::call(guest, &mut call);
    call.0.finish(result)
}

/// [`enter_with_guest`] for one function.
pub(crate) type EnterWithGuest =
    unsafe fn(Raw<'_>, Guest<'_>, Option<&mut References>) -> wasmtime::Result<()>;

/// Defines a function that takes the [`Guest`], in a linker of any store data.
pub(crate) fn define_with_guest<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    width: Width,
    project: P,
    enter: EnterWithGuest,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    let call = move |mut caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
        with_references(
            &mut caller,
            function,
            width,
            raw,
            |caller, raw, references| {
                let project = &project;
                let mut access = CallerAccess { caller, project };
                let guest = Guest::new(&mut access, width, function.memory());
                // SAFETY: `enter` is the function's own, and `define_raw` defines one of its type for
                // that width.
                unsafe { enter(raw, guest, Some(references)) }
            },
        )
    };
    define_raw(linker, function, width, call)
}

/// What toolchains call the table of functions: LLVM's, and AssemblyScript's.
const TABLES: [&str; 2] = ["__indirect_function_table", "table"];

/// A caller, and where its store has the host data.
struct CallerAccess<'c, 's, T: 'static, P> {
    caller: &'c mut Caller<'s, T>,
    project: &'c P,
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> Access for CallerAccess<'_, '_, T, P> {
    fn memory(
        &mut self,
        name: Option<&'static str>,
    ) -> Result<(bool, MemoryRef<'_>, &mut HostData), Box<NoMemory>> {
        let (threads, memory, data) = find_memory(self.caller, name, self.project)?;
        Ok((threads, memory, (self.project)(data)))
    }

    fn grow(&mut self, name: Option<&'static str>, pages: u64) -> wasmtime::Result<u64> {
        match find(self.caller, name, self.project) {
            Ok(Found::Own(memory)) => memory.grow(&mut *self.caller, pages),
            Ok(Found::OfThreads(memory)) => memory.grow(pages),
            Err(reason) => Err(BadValue::NoMemory(*reason).into()),
        }
    }

    fn host(&mut self) -> &mut HostData {
        (self.project)(self.caller.data_mut())
    }

    fn export(&mut self, name: &str) -> Option<Extern> {
        if let Some(export) = self.caller.get_export(name) {
            return Some(export);
        }
        let only = self.host().only_instance()?;
        only.get_export(&mut *self.caller, name)
    }

    fn table(&mut self) -> Option<Table> {
        let mut exports = TABLES.iter().filter_map(|name| self.export(name));
        exports.find_map(Extern::into_table)
    }

    fn entry(&mut self, table: Table, index: u64) -> Option<Ref> {
        table.get(&mut *self.caller, index)
    }

    fn table_size(&mut self, table: Table) -> u64 {
        table.size(&*self.caller)
    }

    fn grow_table(&mut self, table: Table, by: u64) -> wasmtime::Result<u64> {
        table.grow(&mut *self.caller, by, Ref::Extern(None))
    }

    fn set_object(
        &mut self,
        table: Table,
        index: u64,
        object: Option<Object>,
    ) -> wasmtime::Result<()> {
        let reference = match object {
            Some(object) => Some(references::carry(&mut *self.caller, object)?),
            None => None,
        };
        table.set(&mut *self.caller, index, Ref::Extern(reference))
    }

    fn global(&mut self, global: &'static HostGlobal) -> Option<Val> {
        let own = self.host().global(global)?;
        Some(own.get(&mut *self.caller))
    }

    fn set_global(&mut self, global: &'static HostGlobal, value: Val) -> wasmtime::Result<bool> {
        let Some(own) = self.host().global(global) else {
            return Ok(false);
        };
        own.set(&mut *self.caller, value)?;
        Ok(true)
    }

    fn func_type(&mut self, func: &Func) -> FuncType {
        func.ty(&*self.caller)
    }

    unsafe fn call(&mut self, func: &Func, raw: *mut [ValRaw]) -> wasmtime::Result<()> {
        // SAFETY: the caller says so.
        unsafe { func.call_unchecked(&mut *self.caller, raw) }
    }
}

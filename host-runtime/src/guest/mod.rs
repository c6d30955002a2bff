//! The calling guest, as a parameter of host functions.

mod callback;
mod global;
mod placement;
mod pointer;

use anyhow::bail;
use wasmtime::{Extern, Func, FuncType, Ref, Table, Trap, Val};

use crate::{
    abi::{AddressType, Allocator, CoreResults, CoreTypes, CoreValues, GuestSize, Object, Slots},
    call::deduct,
    convert::{GlobalVal, GlobalValue, GuestAllocator, HostObject},
    error::{AllocationError, CallbackError, NoMemoryError, NoTableError, ValueError},
    memory::{self, Claims, GuestMemory, MemoryRef},
    message,
    registry::{GlobalImport, HostGlobal, MutableGlobal},
    store::{CallSlots, CallType, CheckedFunc, HostData, NestedCall},
};

pub use self::{
    callback::{Callable, Callback, CallbackRef},
    pointer::{GuestPointer, GuestSlice},
};
pub(crate) use self::{
    global::{global, known_global, read_global},
    placement::{PlacementError, place},
};

/// The store of the calling guest, for any store data.
pub(crate) trait Access {
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>>;
    /// Grows the memory by so many pages; returns its size in pages before.
    fn grow(&mut self, pages: u64) -> wasmtime::Result<u64>;
    fn host(&mut self) -> &mut HostData;
    fn export(&mut self, name: &str) -> Option<Extern>;
    /// Exported functions whose names are like this one, and the number of exported functions, if
    /// the module of the guest is known.
    fn nearest(&mut self, name: &str) -> Option<(Vec<String>, usize)>;
    /// Whether the host calls the host function, for a guest whose exports cannot be looked up.
    fn is_called_by_host(&mut self) -> bool;
    fn table(&mut self) -> Result<Table, NoTableError>;
    fn entry(&mut self, table: Table, index: u64) -> Option<Ref>;
    fn table_size(&mut self, table: Table) -> u64;
    /// Grows a table of `externref` by so many nulls; returns its size before.
    fn grow_table(&mut self, table: Table, by: u64) -> wasmtime::Result<u64>;
    fn set_object(
        &mut self,
        table: Table,
        index: u64,
        object: Option<Object>,
    ) -> wasmtime::Result<()>;
    /// Allocates in the memory of a mock guest, which has no allocator.
    fn reserve(&mut self, _size: u64, _align: u64) -> Option<wasmtime::Result<GuestSize>> {
        None
    }
    /// The value of an annotated global in this store, if a guest imports it.
    fn global(&mut self, global: &'static HostGlobal) -> Option<GlobalVal>;
    fn set_global(&mut self, global: &'static HostGlobal, held: GlobalVal) -> wasmtime::Result<()>;
    /// Checks whether a function belongs to the store.
    fn owns(&mut self, func: Func) -> wasmtime::Result<bool>;
    /// The type of a function; `None` if there is no store.
    fn func_type(&mut self, func: &Func) -> Option<FuncType>;
    fn call(
        &mut self,
        func: &CheckedFunc,
        call: &mut NestedCall,
        slots: &mut CallSlots,
    ) -> wasmtime::Result<()>;
}

/// The guest that calls a host function. Host functions take it as a parameter to call the guest
/// back, or to read and write its memory step by step.
///
/// A guest that is called back can grow its memory, call the host again, or trap. So a function
/// with a `Guest` parameter borrows neither memory nor state by its other parameters, and each
/// borrow from the `Guest` ends before the next call:
///
/// ```
/// use host_runtime::{Callback, Guest, GuestSlice, Runtime, imports, wasm_import};
///
/// /// Calls `each` with every number.
/// #[wasm_import(module = "list")]
/// fn for_each(
///     mut guest: Guest<'_>,
///     numbers: GuestSlice<i32>,
///     each: Callback<(i32,), ()>,
/// ) -> anyhow::Result<()> {
///     for index in 0..numbers.len() {
///         let number = numbers.get(&mut guest, index)?;
///         guest.call(&each, (number,))?;
///     }
///     Ok(())
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![for_each]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "list" "for_each" (func $for_each (param i32 i32 i32)))
///     (memory (export "memory") 1)
///     (data (i32.const 8) "\01\00\00\00\29\00\00\00")
///     (table (export "__indirect_function_table") funcref (elem $add))
///     (global $sum (export "sum") (mut i32) (i32.const 0))
///     (func $add (param i32)
///         (global.set $sum (i32.add (global.get $sum) (local.get 0))))
///     (func (export "run") (result i32)
///         (call $for_each (i32.const 8) (i32.const 2) (i32.const 0))
///         (global.get $sum)))"#)?;
/// assert_eq!(guest.call::<(), i32>("run", ())?, 42);
/// # Ok(())
/// # }
/// ```
pub struct Guest<'a> {
    access: &'a mut dyn Access,
    address_type: AddressType,
    /// The rest of the call's copy budget, once some of it was used.
    budget: Option<usize>,
}

impl<'a> Guest<'a> {
    pub(crate) fn new(access: &'a mut dyn Access, address_type: AddressType) -> Self {
        Self {
            access,
            address_type,
            budget: None,
        }
    }

    /// Reborrows the guest.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Guest<'_> {
        Guest {
            access: &mut *self.access,
            address_type: self.address_type,
            budget: self.budget,
        }
    }

    /// Sets the rest of the call's copy budget.
    pub(crate) fn set_budget(&mut self, left: usize) {
        self.budget = Some(left);
    }

    /// Takes `bytes` of the call's copy budget.
    pub(crate) fn charge(&mut self, bytes: u64) -> Result<(), ValueError> {
        let left = match self.budget {
            Some(left) => left,
            None => self.host().budget(),
        };
        self.budget = Some(deduct(left, bytes)?);
        Ok(())
    }

    pub(crate) fn address_type(&self) -> AddressType {
        self.address_type
    }

    /// The host state of type `S`.
    pub fn state<S: 'static>(&mut self) -> Option<&mut S> {
        self.access.host().state_mut()
    }

    pub(crate) fn host(&mut self) -> &mut HostData {
        self.access.host()
    }

    /// Calls `work` with the guest's memory, to borrow slices of it.
    ///
    /// # Errors
    ///
    /// [`ValueError::NoMemory`].
    pub fn memory<R>(
        &mut self,
        work: impl FnOnce(&mut GuestMemory<'_>) -> R,
    ) -> Result<R, ValueError> {
        match self.access.memory() {
            Ok((memory, _)) => {
                let mut claims = Claims::default();
                Ok(work(&mut GuestMemory::new(memory, &mut claims)))
            }
            Err(reason) => Err(ValueError::NoMemory(*reason)),
        }
    }

    /// Writes bytes to the guest's memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// If the bytes do not fit into the memory there, or there is no memory.
    pub fn write(&mut self, pointer: impl Into<GuestSize>, bytes: &[u8]) -> Result<(), ValueError> {
        self.memory(|memory| memory.write(pointer.into(), bytes))?
    }

    /// Grows the guest's memory by so many pages. Returns its size in pages before that.
    ///
    /// # Errors
    ///
    /// If the limit of the memory or of the store is reached; [`ValueError::NoMemory`] if there is
    /// no memory.
    pub fn grow_memory(&mut self, pages: u64) -> anyhow::Result<u64> {
        Ok(self.access.grow(pages)?)
    }

    pub(crate) fn memory_and_host(
        &mut self,
    ) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>> {
        self.access.memory()
    }

    /// Calls a function of the guest: a callback, or an export by its name.
    ///
    /// # Errors
    ///
    /// [`ValueError::Callback`] if the guest has no such function of that type;
    /// [`GuestCallError`](crate::errors::GuestCallError) if too many nested calls are running;
    /// otherwise the trap of the function, which a host function normally returns.
    pub fn call<P: CoreValues, R: CoreValues>(
        &mut self,
        callback: &(impl Callable<P, R> + ?Sized),
        params: P,
    ) -> anyhow::Result<R> {
        const {
            assert!(
                !(P::TYPES.references || R::TYPES.references),
                "callbacks take and return numbers only"
            );
        }
        let called = self.call_func(callback, params);
        called.map_err(into_anyhow)
    }

    fn call_func<P: CoreValues, R: CoreValues>(
        &mut self,
        callback: &(impl Callable<P, R> + ?Sized),
        params: P,
    ) -> wasmtime::Result<R> {
        let func = callback.resolve(self)?;
        let ty = CallType {
            params: &P::TYPES,
            results: &R::TYPES,
            address_type: self.address_type,
        };
        let (mut params, mut results) = (Some(params), None::<R>);
        self.call_numbers(
            func,
            ty,
            callback.export(),
            &mut |slots| params.take().map_or(Ok(()), |params| params.write(slots)),
            &mut |slots| results = Some(R::read(slots)),
        )?;
        results.ok_or_else(|| wasmtime::format_err!("the function has not returned"))
    }

    /// Calls a function that takes and returns numbers. `export` is its name, if the host function
    /// gave one.
    fn call_numbers(
        &mut self,
        func: Func,
        ty: CallType,
        export: Option<&str>,
        write: &mut dyn FnMut(&mut Slots<'_>) -> wasmtime::Result<()>,
        read: &mut dyn FnMut(&mut Slots<'_>),
    ) -> wasmtime::Result<()> {
        let func = match self.check(func, ty) {
            Ok(func) => func,
            Err(error) => return Err(named(*error, export).into()),
        };
        let mut slots = CallSlots::new(ty);
        write(&mut slots.parameters())?;
        self.call_checked(&func, &mut slots)?;
        read(&mut slots.results());
        Ok(())
    }

    /// Calls a function whose type was checked.
    fn call_checked(&mut self, func: &CheckedFunc, slots: &mut CallSlots) -> wasmtime::Result<()> {
        let budget = self.budget;
        let mut call = self.host().begin_guest_call(budget)?;
        let returned = self.access.call(func, &mut call, slots);
        if let Err(error) = &returned
            && let Some(Trap::StackOverflow) = error.downcast_ref()
        {
            call.refuse_others();
        }
        returned
    }

    /// Checks that a function has this type.
    #[inline]
    fn check(&mut self, func: Func, ty: CallType) -> Result<CheckedFunc, Box<ValueError>> {
        let Some(found) = self.access.func_type(&func) else {
            let none = CallbackError::NoTable(NoTableError::NoneExported);
            return Err(ValueError::Callback(none).into());
        };
        CheckedFunc::new(func, &found, ty).ok_or_else(|| Box::new(other_type(&found, ty)))
    }

    /// Allocates in the guest's memory, by a function that the guest exports.
    ///
    /// ```
    /// use host_runtime::{Guest, GuestSize, values::Malloc, wasm_import};
    ///
    /// /// Text with a NUL after it, for the guest to free.
    /// #[wasm_import]
    /// fn name(mut guest: Guest<'_>) -> anyhow::Result<GuestSize> {
    ///     let pointer = guest.allocate::<Malloc>(GuestSize(5), GuestSize(1))?;
    ///     guest.write(pointer, b"name\0")?;
    ///     Ok(pointer)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AllocationError`] if there is no such function or it fails; [`ValueError::NoMemory`] if
    /// there is no memory; a trap of the function.
    pub fn allocate<A: GuestAllocator>(
        &mut self,
        size: GuestSize,
        align: GuestSize,
    ) -> anyhow::Result<GuestSize> {
        Ok(self.allocate_by(&Allocator::of::<A>(), size, align)?)
    }

    /// Allocates by an allocator that is given as a value.
    pub(crate) fn allocate_by(
        &mut self,
        allocator: &Allocator,
        size: GuestSize,
        align: GuestSize,
    ) -> wasmtime::Result<GuestSize> {
        if let Some(made) = self.access.reserve(size.0, align.0) {
            return made;
        }
        let (size, align) = (size, align.max(GuestSize(1)));
        let func = self.allocator(allocator)?;
        let mut slots = CallSlots::new(func.ty());
        (allocator.pass)(size, align, &mut slots.parameters())?;
        self.call_checked(&func, &mut slots)?;
        let made = GuestSize::read(&mut slots.results());
        let memory = self.memory(|memory| memory.size())?;
        let (export, pointer, size, align) = (allocator.export, made.0, size.0, align.0);
        if pointer == 0 && size > 0 {
            return Err(AllocationError::Null { export, size }.into());
        }
        if !pointer.is_multiple_of(align) {
            return Err(AllocationError::Misaligned {
                export,
                pointer,
                align,
            }
            .into());
        }
        if memory::range(made, size, memory).is_err() {
            return Err(AllocationError::OutOfBounds {
                export,
                pointer,
                size,
                memory,
            }
            .into());
        }
        Ok(made)
    }

    /// Looks up the guest's allocator and checks its type.
    fn allocator(&mut self, allocator: &Allocator) -> wasmtime::Result<CheckedFunc> {
        // The type depends on the address type of the memory that the host function names.
        let id = (allocator.id, self.address_type);
        if let Some(known) = self.host().guests().allocator(id) {
            return Ok(known);
        }
        let export = allocator.export;
        let func = self.access.export(export).and_then(Extern::into_func);
        let Some(func) = func else {
            // If the host itself has called, there is no guest that could export it.
            if let Err(ValueError::NoMemory(NoMemoryError::NoGuest)) = self.memory(|_| ()) {
                return Err(ValueError::NoMemory(NoMemoryError::NoGuest).into());
            }
            return Err(AllocationError::NoExport { export }.into());
        };
        let ty = CallType {
            params: allocator.params,
            results: &<GuestSize as CoreResults>::TYPES,
            address_type: self.address_type,
        };
        let func = self.check(func, ty).map_err(|error| match *error {
            ValueError::Callback(CallbackError::OtherType { found, wanted }) => {
                AllocationError::OtherType {
                    export,
                    found,
                    wanted,
                }
                .into()
            }
            error => wasmtime::Error::from(error),
        })?;
        self.host().guests().keep_allocator(id, func);
        Ok(func)
    }

    /// Looks up the function at an index of the guest's table.
    pub(crate) fn function_at(&mut self, index: u64) -> Result<Func, ValueError> {
        let bad = |reason| Err(ValueError::Callback(reason));
        let table = match self.access.table() {
            Ok(table) => table,
            Err(reason) => return bad(CallbackError::NoTable(reason)),
        };
        match self.access.entry(table, index) {
            Some(Ref::Func(Some(func))) => Ok(func),
            Some(_) => bad(CallbackError::Null { index: Some(index) }),
            None => bad(CallbackError::OutOfBounds {
                index,
                size: self.access.table_size(table),
            }),
        }
    }

    /// Checks that a function belongs to this store: the embedder may have kept it elsewhere.
    pub(crate) fn own_function(&mut self, func: Func) -> wasmtime::Result<Func> {
        if self.access.owns(func)? {
            return Ok(func);
        }
        Err(ValueError::Callback(CallbackError::OtherStore).into())
    }

    /// Looks up an exported function by its name.
    pub(crate) fn function_called(&mut self, name: &str) -> Result<Func, ValueError> {
        let func = self.access.export(name).and_then(Extern::into_func);
        func.ok_or_else(|| {
            if self.access.is_called_by_host() {
                let name = name.to_owned();
                return ValueError::Callback(CallbackError::CalledByHost { name });
            }
            let (nearest, functions) = self.access.nearest(name).unzip();
            ValueError::Callback(CallbackError::NoExport {
                name: name.to_owned(),
                nearest: nearest.unwrap_or_default(),
                functions,
            })
        })
    }

    /// The value of an annotated `const` or `static` in this guest; `None` if no guest of the store
    /// imports it.
    ///
    /// ```
    /// use host_runtime::{Guest, Runtime, imports, wasm_import};
    ///
    /// #[wasm_import]
    /// static DEPTH: i32 = 7;
    ///
    /// #[wasm_import]
    /// fn deeper(mut guest: Guest<'_>) -> anyhow::Result<()> {
    ///     let depth = guest.global::<DEPTH>().unwrap_or_default();
    ///     guest.set_global::<DEPTH>(depth + 1)
    /// }
    /// # fn main() -> anyhow::Result<()> {
    /// let runtime = Runtime::builder().imports(imports![DEPTH, deeper]).build()?;
    /// let mut guest = runtime.instantiate(r#"(module
    ///     (import "env" "DEPTH" (global $depth (mut i32)))
    ///     (import "env" "deeper" (func $deeper))
    ///     (func (export "run") (result i32) (call $deeper) (global.get $depth)))"#)?;
    /// assert_eq!(guest.call::<(), i32>("run", ())?, 8);
    /// # Ok(())
    /// # }
    /// ```
    pub fn global<G: GlobalImport>(&mut self) -> Option<G::Value> {
        G::Value::from_global_val(self.access.global(G::GLOBAL)?)
    }

    /// Sets the value of an annotated `static` in this guest.
    ///
    /// # Errors
    ///
    /// If no guest of the store imports it.
    pub fn set_global<G: MutableGlobal>(&mut self, value: G::Value) -> anyhow::Result<()> {
        let address_type = match self.access.global(G::GLOBAL) {
            Some(GlobalVal::Number(Val::I64(_))) => AddressType::I64,
            Some(_) => AddressType::I32,
            None => bail!(
                "no guest of the store imports {}, or the `HostData` that knew of it was replaced",
                G::GLOBAL
            ),
        };
        let value = value.to_global_val(address_type)?;
        Ok(self.access.set_global(G::GLOBAL, value)?)
    }

    /// Grows a table of `externref` that the guest exports by so many nulls. Returns its size
    /// before that.
    ///
    /// # Errors
    ///
    /// If there is no such table, or its limit is reached.
    pub fn grow_table(&mut self, name: &str, by: u64) -> anyhow::Result<u64> {
        let table = self.table(name)?;
        Ok(self.access.grow_table(table, by)?)
    }

    /// Puts an object into a table of `externref` that the guest exports, or null.
    ///
    /// # Errors
    ///
    /// If there is no such table, or the index is past its end.
    pub fn set_table<T: Send + Sync + 'static>(
        &mut self,
        name: &str,
        index: u64,
        object: Option<HostObject<T>>,
    ) -> anyhow::Result<()> {
        let table = self.table(name)?;
        let object = object.map(HostObject::erase);
        Ok(self.access.set_object(table, index, object)?)
    }

    fn table(&mut self, name: &str) -> wasmtime::Result<Table> {
        let table = self.access.export(name).and_then(Extern::into_table);
        table.ok_or_else(|| {
            let name = message::escaped(name);
            wasmtime::format_err!("the guest exports no table called `{name}`")
        })
    }
}

/// Implemented by `fn(Guest<'_>)`; see [`CallerParameter`](crate::hostcall::CallerParameter).
#[diagnostic::on_unimplemented(
    message = "this parameter is not `host_runtime::Guest`",
    label = "the `Guest` goes here",
    note = "write `Guest<'_>` of `host_runtime`"
)]
#[doc(hidden)]
pub trait GuestParameter {
    type Guest<'a>;

    fn pass(guest: Guest<'_>) -> Self::Guest<'_>;
}

#[diagnostic::do_not_recommend]
impl GuestParameter for fn(Guest<'_>) {
    type Guest<'a> = Guest<'a>;

    fn pass(guest: Guest<'_>) -> Guest<'_> {
        guest
    }
}

/// Kept out of line, so that a call which succeeds stays small.
#[cold]
#[inline(never)]
fn into_anyhow(error: wasmtime::Error) -> anyhow::Error {
    error.into()
}

/// Makes the error of a function that is called as `wanted` and has another type.
#[cold]
fn other_type(found: &FuncType, wanted: CallType) -> ValueError {
    let types = |types: &CoreTypes| -> Vec<_> {
        let types = types.as_slice().iter();
        types.map(|ty| ty.val_type(wanted.address_type)).collect()
    };
    let (params, results) = (types(wanted.params), types(wanted.results));
    ValueError::Callback(CallbackError::OtherType {
        found: message::shortened(message::func_type(found.params(), found.results())),
        wanted: message::func_type(params.into_iter(), results.into_iter()),
    })
}

/// Adds the name of the export to the error of a function of another type.
fn named(error: ValueError, export: Option<&str>) -> ValueError {
    match (error, export) {
        (ValueError::Callback(CallbackError::OtherType { found, wanted }), Some(name)) => {
            let name = name.to_owned();
            ValueError::Callback(CallbackError::ExportOfOtherType {
                name,
                found,
                wanted,
            })
        }
        (error, _) => error,
    }
}

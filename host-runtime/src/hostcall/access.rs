//! The access of a [`Guest`](crate::Guest) to the store of the calling instance.

use wasmtime::{Caller, Extern, Func, SharedMemory, Table, Trap};

use crate::{
    abi::{CallReferences, MadeReferences},
    error::{GuestCallError, NoMemoryError, NoTableError, ValueError},
    exports::{Found, GuestExports},
    guest::{Access, StoreAccess},
    hostcall::{
        function_import::Lookup,
        memory::{calling_guest, calling_module, find, find_memory},
    },
    memory::MemoryRef,
    registry::HostFunction,
    store::{
        CallType, CallingGuest, GuestCall, HostData, InstanceId, NestedCall, StoreAddress,
        StoreIdentity, Trampoline,
    },
};

/// Implements [`Access`] by Wasmtime's `Caller` and the embedder's projection to the host data.
pub(super) struct CallerAccess<'c, 's, T: 'static, P> {
    caller: &'c mut Caller<'s, T>,
    project: &'c P,
    lookup: &'c Lookup,
    /// Keeps a shared memory alive while its bytes are borrowed.
    shared: Option<SharedMemory>,
    /// The exports that were looked up by name, [`KEPT_EXPORTS`] at most.
    exports: Vec<(String, Extern)>,
    /// The calls of this host function into the guest.
    nested: Option<NestedCall>,
    /// What [`Guests::begin_calls`](crate::store::Guests::begin_calls) has returned.
    direct: u64,
    definer: Option<&'c Definer<T>>,
}

/// Makes functions of the store that call host functions.
pub(super) type Definer<T> =
    dyn Fn(&mut Caller<'_, T>, &'static HostFunction) -> wasmtime::Result<Func> + Send + Sync;

/// How many exports are kept for host functions that the guest has the host call.
const KEPT_EXPORTS: usize = 64;

impl<'c, 's, T: 'static, P: Fn(&mut T) -> &mut HostData> CallerAccess<'c, 's, T, P> {
    pub(super) fn new(caller: &'c mut Caller<'s, T>, project: &'c P, lookup: &'c Lookup) -> Self {
        Self {
            caller,
            project,
            lookup,
            shared: None,
            exports: Vec::new(),
            nested: None,
            direct: 0,
            definer: None,
        }
    }

    /// With the function that makes functions of the store.
    pub(super) fn defining(mut self, definer: &'c Definer<T>) -> Self {
        self.definer = Some(definer);
        self
    }
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> CallerAccess<'_, '_, T, P> {
    /// Returns the trampoline for functions of this type. Also records the memory, the table and
    /// the exports of the calling guest, for the case that the callee is a host function.
    fn trampoline(&mut self, ty: CallType) -> wasmtime::Result<Trampoline> {
        let address = StoreAddress::of(&*self.caller);
        let items = self.host().guests().items(address);
        let known = items.and_then(|items| Some((items.store().clone(), items.trampoline(ty)?)));
        let (store, trampoline) = if let Some(known) = known {
            known
        } else {
            let trampolines = &self.lookup.trampolines;
            let new = trampolines.of_store(&mut *self.caller, ty)?;
            let store = trampolines.identity(&mut *self.caller);
            let items = self.host().guests().items_or_new(store.clone());
            items.add_trampoline(new.clone());
            (store, new)
        };
        if !self.host().guests().has_single_instance() {
            let guest = self.calling_guest(store);
            if let Some(nested) = &mut self.nested {
                nested.set_calling(guest);
            }
        }
        Ok(trampoline)
    }

    /// Looks up what a host function may use that the guest has the host call.
    fn calling_guest(&mut self, store: StoreIdentity) -> CallingGuest {
        if let Some(guest) = calling_guest(self.caller, self.project) {
            // The host calls this function itself, for that guest.
            let mut exports = self.exports.clone();
            exports.extend_from_slice(&guest.exports);
            exports.truncate(KEPT_EXPORTS);
            return CallingGuest {
                exports,
                ..CallingGuest::clone(&guest)
            };
        }
        // The callee may name other exports than this function, or none.
        let unnamed = GuestExports::default();
        let exports = match self.lookup.exports.memory_name() {
            None => &self.lookup.exports,
            Some(_) => &unnamed,
        };
        let memory = find(self.caller, exports, self.project).ok();
        let exports = match self.lookup.exports.table_name() {
            None => &self.lookup.exports,
            Some(_) => &unnamed,
        };
        let table = find_table(self.caller, exports, self.project).ok();
        let mut named_memories = Vec::new();
        for &name in self.lookup.trampolines.named_memories() {
            let memory = self.caller.get_export(name).map(Found::new);
            named_memories.extend(memory.and_then(Result::ok).map(|m| (name, m)));
        }
        CallingGuest {
            store,
            memory,
            table,
            named_memories,
            exports: self.exports.clone(),
        }
    }
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> CallerAccess<'_, '_, T, P> {
    /// Begins a call of the guest. Returns whether it can be direct: then no host function can
    /// mistake the guest for which it is called, and WebAssembly runs between it and this one.
    #[inline]
    fn begin(&mut self, left: Option<usize>) -> Result<bool, GuestCallError> {
        let host = (self.project)(self.caller.data_mut());
        let nested = match &self.nested {
            Some(nested) if nested.may_go_on(host.guests().calls()) => nested,
            _ => {
                self.nested = None;
                host.guests().end_direct_calls();
                self.nested.insert(host.begin_guest_calls()?)
            }
        };
        if let Some(left) = left {
            nested.set_budget(left);
        }
        self.direct = host.guests().begin_calls(nested.is_outermost());
        Ok(self.direct != 0)
    }

    /// Kept out of line, so that other calls stay small.
    #[inline(never)]
    fn call_first(
        &mut self,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
    ) -> wasmtime::Result<()> {
        Access::call(self, left, call)
    }

    #[cold]
    fn call_by_trampoline(&mut self, call: &mut GuestCall<'_>) -> wasmtime::Result<()> {
        if let Ok(trampoline) = self.trampoline(call.ty()) {
            return trampoline.call(&mut *self.caller, call);
        }
        // The store's limits leave no room for the trampoline. The callee may be a host function,
        // for which Wasmtime checks neither the stack nor the fuel.
        self.check_stack()?;
        call.call(&mut *self.caller)
    }

    fn check_stack(&self) -> wasmtime::Result<()> {
        match &self.nested {
            Some(nested) if nested.has_stack() => Ok(()),
            _ => Err(Trap::StackOverflow.into()),
        }
    }

    /// After the end of the stack was reached, refuses further calls.
    #[cold]
    fn failed(&mut self, error: wasmtime::Error) -> wasmtime::Error {
        if let (Some(Trap::StackOverflow), Some(nested)) = (error.downcast_ref(), &self.nested) {
            nested.refuse_others();
            (self.project)(self.caller.data_mut())
                .guests()
                .end_direct_calls();
        }
        error
    }
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> Access for CallerAccess<'_, '_, T, P> {
    fn memory(&mut self) -> Result<(MemoryRef<'_>, &mut HostData), Box<NoMemoryError>> {
        let Self {
            caller,
            project,
            lookup,
            shared,
            ..
        } = self;
        let (memory, data) = find_memory(caller, shared, lookup, *project)?;
        Ok((memory, project(data)))
    }

    fn grow(&mut self, pages: u64) -> wasmtime::Result<u64> {
        match find(self.caller, &self.lookup.exports, self.project) {
            Ok(Found::Own(memory)) => memory.grow(&mut *self.caller, pages),
            Ok(Found::Shared(memory)) => memory.grow(pages),
            Err(reason) => Err(ValueError::NoMemory(*reason).into()),
        }
    }

    fn host(&mut self) -> &mut HostData {
        (self.project)(self.caller.data_mut())
    }

    fn store(&mut self) -> Option<&mut dyn StoreAccess> {
        Some(&mut *self.caller)
    }

    fn identity(&mut self) -> Option<StoreIdentity> {
        Some(self.lookup.trampolines.identity(&mut *self.caller))
    }

    fn define(&mut self, function: &'static HostFunction) -> wasmtime::Result<Func> {
        match self.definer {
            Some(define) => define(self.caller, function),
            None => wasmtime::bail!("no function is defined after a host function has returned"),
        }
    }

    fn export(&mut self, name: &str) -> Option<Extern> {
        let mut found = self.caller.get_export(name);
        if found.is_none()
            && let Some(guest) = calling_guest(self.caller, self.project)
        {
            let mut exports = guest.exports.iter();
            found = exports.find_map(|(known, export)| (known == name).then(|| export.clone()));
        }
        if let Some(export) = found {
            let is_kept = self.exports.iter().any(|(known, _)| known == name);
            let single_instance = self.host().guests().has_single_instance();
            if !(single_instance || is_kept) && self.exports.len() < KEPT_EXPORTS {
                self.exports.push((name.to_owned(), export.clone()));
            }
            return Some(export);
        }
        let only = self.host().guests().only_instance()?;
        only.get_export(&mut *self.caller, name)
    }

    fn nearest(&mut self, name: &str) -> Option<(Vec<String>, usize)> {
        let module = calling_module(self.caller, self.project)?;
        Some(module.functions().nearest(name))
    }

    fn is_called_by_host(&mut self) -> bool {
        !self.host().guests().has_single_instance()
            && calling_guest(self.caller, self.project).is_some()
    }

    fn table(&mut self) -> Result<Table, NoTableError> {
        let name = self.lookup.exports.table_name();
        if let Some(known) = self.host().guests().only_table().filter(|_| name.is_none()) {
            return Ok(known);
        }
        let table = find_table(self.caller, &self.lookup.exports, self.project)?;
        if name.is_none() {
            self.host().guests().keep_table(table);
        }
        Ok(table)
    }

    fn page_size(&mut self) -> wasmtime::Result<u64> {
        match find(self.caller, &self.lookup.exports, self.project) {
            Ok(Found::Own(memory)) => Ok(memory.page_size(&*self.caller)),
            Ok(Found::Shared(memory)) => Ok(memory.page_size()),
            Err(reason) => Err(ValueError::NoMemory(*reason).into()),
        }
    }

    #[inline]
    fn instance(&mut self) -> Option<InstanceId> {
        self.host().guests().single_instance()
    }

    fn call(&mut self, left: Option<usize>, call: &mut GuestCall<'_>) -> wasmtime::Result<()> {
        let returned = if self.begin(left)? {
            call.call(&mut *self.caller)
        } else {
            self.call_by_trampoline(call)
        };
        returned.map_err(|error| self.failed(error))
    }

    fn call_instance(
        &mut self,
        id: InstanceId,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        // All calls of a host function but the first go this way.
        let guests = (self.project)(self.caller.data_mut()).guests();
        if guests.goes_on(id, self.direct) {
            if let (Some(left), Some(nested)) = (left, &self.nested) {
                nested.set_budget(left);
            }
            return Some(match call.call(&mut *self.caller) {
                Ok(()) => Ok(()),
                Err(error) => Err(self.failed(error)),
            });
        }
        if guests.single_instance() != Some(id) {
            return None;
        }
        Some(self.call_first(left, call))
    }

    fn call_with_references(
        &mut self,
        left: Option<usize>,
        call: &mut GuestCall<'_>,
        references: MadeReferences,
    ) -> wasmtime::Result<CallReferences> {
        if !self.begin(left)? {
            // Trampolines are for numbers.
            self.check_stack()?;
        }
        let returned = call.call_with_references(&mut *self.caller, references);
        returned.map_err(|error| self.failed(error))
    }
}

/// Looks up the table of functions of the calling guest.
fn find_table<T: 'static>(
    caller: &mut Caller<'_, T>,
    exports: &GuestExports,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Table, NoTableError> {
    let wanted = project(caller.data_mut()).guests().names().table.clone();
    if let Some(table) = exports.find_table(caller, wanted.as_deref()) {
        return Ok(table);
    }
    if let Some(guest) = calling_guest(caller, &project)
        && let Some(table) = guest.table
    {
        return Ok(table);
    }
    let Some(module) = calling_module(caller, project) else {
        return Err(NoTableError::NoneExported);
    };
    if let Some(name) = exports.table_name() {
        return Err(module.no_table(name));
    }
    let table = module.table.as_ref().map_err(Clone::clone)?;
    let table = table.of_caller(caller).and_then(Extern::into_table);
    table.ok_or(NoTableError::NoneExported)
}

//! The access of a [`Guest`](crate::Guest) to the store of the calling instance.

use wasmtime::{Caller, Extern, Func, FuncType, Ref, SharedMemory, Table, Trap, Val};

use crate::{
    abi::{Object, wrap_object},
    convert::GlobalVal,
    error::{NoMemoryError, NoTableError, ValueError},
    exports::{Found, GuestExports},
    guest::{Access, known_global, read_global},
    hostcall::{
        function_import::Lookup,
        memory::{calling_guest, calling_module, find, find_memory},
    },
    memory::MemoryRef,
    registry::HostGlobal,
    store::{
        CallSlots, CallType, CallingGuest, CheckedFunc, HostData, NestedCall, OwnershipProbe,
        StoreAddress, StoreIdentity, Trampoline,
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
}

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
        }
    }
}

impl<T: 'static, P: Fn(&mut T) -> &mut HostData> CallerAccess<'_, '_, T, P> {
    /// Returns the trampoline for functions of this type. Also records the memory, the table and
    /// the exports of the calling guest, for the case that the callee is a host function.
    fn trampoline(&mut self, ty: CallType, call: &mut NestedCall) -> wasmtime::Result<Trampoline> {
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
            call.set_calling(guest);
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
            Some(object) => Some(wrap_object(&mut *self.caller, object)?),
            None => None,
        };
        table.set(&mut *self.caller, index, Ref::Extern(reference))
    }

    fn global(&mut self, global: &'static HostGlobal) -> Option<GlobalVal> {
        let own = known_global(&mut *self.caller, self.project, global)?;
        read_global(self.caller, own)
    }

    fn set_global(&mut self, global: &'static HostGlobal, held: GlobalVal) -> wasmtime::Result<()> {
        let Some(own) = known_global(&mut *self.caller, self.project, global) else {
            return Ok(());
        };
        let value = held.make(&mut *self.caller)?;
        if !owns(self.caller, self.project, self.lookup, &value)? {
            return Err(ValueError::OtherStore.into());
        }
        own.set(&mut *self.caller, value)
    }

    fn owns(&mut self, func: Func) -> wasmtime::Result<bool> {
        owns(self.caller, self.project, self.lookup, &func.into())
    }

    fn func_type(&mut self, func: &Func) -> Option<FuncType> {
        Some(func.ty(&*self.caller))
    }

    fn call(
        &mut self,
        func: &CheckedFunc,
        call: &mut NestedCall,
        slots: &mut CallSlots,
    ) -> wasmtime::Result<()> {
        if call.is_outermost() && self.host().guests().has_single_instance() {
            return func.call(&mut *self.caller, slots);
        }
        match self.trampoline(func.ty(), call) {
            Ok(trampoline) => trampoline.call(&mut *self.caller, func, slots),
            // The store's limits leave no room for the trampoline. The callee may be a host
            // function, for which Wasmtime checks neither the stack nor the fuel.
            Err(_) if call.has_stack() => func.call(&mut *self.caller, slots),
            Err(_) => Err(Trap::StackOverflow.into()),
        }
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

/// Checks whether a value belongs to the store of the caller.
pub(super) fn owns<T: 'static>(
    caller: &mut Caller<'_, T>,
    project: impl Fn(&mut T) -> &mut HostData,
    lookup: &Lookup,
    value: &Val,
) -> wasmtime::Result<bool> {
    if !OwnershipProbe::is_reference(value) {
        return Ok(true);
    }
    let address = StoreAddress::of(&*caller);
    let items = project(caller.data_mut()).guests().items(address);
    let mut probe = if let Some(items) = items {
        items.probe
    } else {
        let store = lookup.trampolines.identity(&mut *caller);
        project(caller.data_mut()).guests().items_or_new(store);
        OwnershipProbe::default()
    };
    let owns = probe.owns(&mut *caller, value)?;
    if let Some(items) = project(caller.data_mut()).guests().items(address) {
        items.probe = probe;
    }
    Ok(owns)
}

//! What a [`Guest`](crate::Guest) reaches of the store that calls.

use wasmtime::{Caller, Extern, Func, FuncType, Module, Ref, SharedMemory, Table};

use crate::{
    abi::{Object, wrap_object},
    convert::GlobalVal,
    error::{NoMemoryError, ValueError},
    exports::{self, Found},
    guest::{Access, known_global, read_global},
    hostcall::{
        function_import::Lookup,
        memory::{calling_guest, find, find_memory},
    },
    memory::MemoryRef,
    registry::HostGlobal,
    store::{CallSlots, CallType, CallingGuest, CheckedFunc, HostData, StoreIdentity, Trampoline},
};

/// A caller, and where its store has the host data.
pub(super) struct CallerAccess<'c, 's, T: 'static, P> {
    caller: &'c mut Caller<'s, T>,
    project: &'c P,
    lookup: &'c Lookup,
    /// The memory that threads share, while its bytes are borrowed.
    shared: Option<SharedMemory>,
    /// The exports that were looked up by name, some of them at least.
    exports: Vec<(String, Extern)>,
}

/// How many exports that were looked up are kept for the host functions that the guest has the host
/// call.
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
    /// Keeps what the guest has that calls, for a host function that it has the host call, and
    /// gives what to call it by.
    fn trampoline(&mut self, ty: CallType) -> wasmtime::Result<Trampoline> {
        let store = self.host().guests().store();
        if !store.is_some_and(|store| store.is(&*self.caller)) {
            let store = StoreIdentity::of(&mut *self.caller);
            self.host().guests().set_store(store);
        }
        if !self.host().guests().has_single_instance() {
            let mut guest = CallingGuest {
                memory: find(self.caller, self.lookup, self.project).ok(),
                table: self.table(),
                named_memories: Vec::new(),
                exports: self.exports.clone(),
            };
            for &name in self.lookup.trampolines.named_memories() {
                let memory = self.caller.get_export(name).map(Found::new);
                guest
                    .named_memories
                    .extend(memory.and_then(Result::ok).map(|m| (name, m)));
            }
            self.host().guests().set_calling(guest);
        }
        if let Some(known) = self.host().guests().trampoline(ty) {
            return Ok(known);
        }
        let new = self.lookup.trampolines.instantiate(&mut *self.caller, ty)?;
        self.host().guests().add_trampoline(new.clone());
        Ok(new)
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
        match find(self.caller, self.lookup, self.project) {
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
            let mut exports = guest.exports.into_iter();
            found = exports.find_map(|(known, export)| (known == name).then_some(export));
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

    fn module(&mut self) -> Option<Module> {
        exports::calling_module(self.caller)
    }

    fn table(&mut self) -> Option<Table> {
        let named = self.lookup.exports.table_name().is_some();
        if let Some(known) = self.host().guests().only_table().filter(|_| !named) {
            return Some(known);
        }
        let wanted = self.host().guests().names().table.clone();
        let table = self
            .lookup
            .exports
            .find_table(self.caller, wanted.as_deref());
        let table = table.or_else(|| calling_guest(self.caller, self.project)?.table);
        if !named {
            self.host().guests().keep_table(table);
        }
        table
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
        own.set(&mut *self.caller, value)
    }

    fn func_type(&mut self, func: &Func) -> Option<FuncType> {
        Some(func.ty(&*self.caller))
    }

    fn call(
        &mut self,
        func: &CheckedFunc,
        direct: bool,
        slots: &mut CallSlots,
    ) -> wasmtime::Result<()> {
        if direct {
            return func.call(&mut *self.caller, slots);
        }
        match self.trampoline(func.ty()) {
            Ok(trampoline) => trampoline.call(&mut *self.caller, func, slots),
            // The store's limits leave no room for another instance.
            Err(_) => func.call(&mut *self.caller, slots),
        }
    }
}

//! What a store knows of its guests, so as not to ask Wasmtime in each call.

use std::{any::TypeId, sync::Arc};

use wasmtime::{Extern, Global, Instance, Memory, Table};

use crate::{
    abi::AddressType,
    error::GuestCallError,
    exports::{ExportNames, Found, LearnedModules},
    store::{CallType, CheckedFunc, StoreIdentity, Trampoline},
};

/// An annotated global, by the address of its record.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct GlobalId(pub(crate) usize);

/// An allocator by the type that names it, and the width that its own type has.
type AllocatorId = (TypeId, AddressType);

/// What is known of the guests of a store.
#[derive(Default)]
pub(crate) struct Guests {
    /// Whether the store holds one instance only, for certain: no code but the runtime's has had
    /// it. Not so by default: a `HostData` may be put into any store.
    single_instance: bool,
    /// What the store's only instance has.
    only: CachedExports,
    /// The exports that the embedder names.
    names: ExportNames,
    /// What was learned of modules that were not known when linking.
    pub(crate) learned: LearnedModules,
    /// The store that the globals, the trampolines and the guest that calls are in.
    store: Option<StoreIdentity>,
    trampolines: Vec<Trampoline>,
    /// The store's own of each annotated global that a guest of it imports.
    globals: Vec<(GlobalId, Global)>,
    /// Whether a host function may be called by the host itself, as far as is known; see
    /// `QuickExport::bytes` in `memory/find.rs`.
    called_by_host: bool,
    calls: GuestCalls,
}

/// What the store's only instance has. It is found once.
#[derive(Default)]
struct CachedExports {
    instance: Option<Instance>,
    memory: Option<Memory>,
    /// The memories that host functions name.
    named_memories: Vec<(&'static str, Memory)>,
    /// The table of functions, for host functions that name none.
    table: Option<Table>,
    allocators: Vec<(AllocatorId, CheckedFunc)>,
}

/// The calls of the host into guests that are under way, one within the other.
#[derive(Clone, Default)]
pub(crate) struct GuestCalls {
    depth: u32,
    /// Whether a limit was reached: no further call is begun until the outermost has returned.
    refused: bool,
    /// What is left of the copy budget of the hostcall that made the innermost.
    budget: Option<usize>,
    /// The guest on whose behalf the innermost was made, if that may be asked for.
    guest: Option<Arc<CallingGuest>>,
}

/// What a guest has on whose behalf the host calls: it may have the host call a host function.
#[derive(Clone)]
pub(crate) struct CallingGuest {
    pub(crate) memory: Option<Found>,
    pub(crate) named_memories: Vec<(&'static str, Found)>,
    pub(crate) table: Option<Table>,
    /// The exports that host functions have looked up by name.
    pub(crate) exports: Vec<(String, Extern)>,
}

impl Guests {
    pub(super) fn set_memory_name(&mut self, name: Arc<str>) {
        self.names.memory = Some(name);
    }

    pub(super) fn set_table_name(&mut self, name: Arc<str>) {
        self.names.table = Some(name);
    }

    /// The exports that the embedder names.
    pub(crate) fn names(&self) -> &ExportNames {
        &self.names
    }

    /// The memory of the store's only instance, if it is known.
    #[inline]
    pub(crate) fn only_memory(&self, name: Option<&'static str>) -> Option<Memory> {
        match name {
            None => self.only.memory,
            Some(name) => {
                let mut named = self.only.named_memories.iter();
                Some(named.find(|(known, _)| *known == name)?.1)
            }
        }
    }

    /// Keeps a memory of the store's only instance, if it is that.
    pub(crate) fn keep_memory(&mut self, name: Option<&'static str>, memory: Memory) {
        match name {
            _ if !self.single_instance => {}
            None => self.only.memory = Some(memory),
            Some(name) => self.only.named_memories.push((name, memory)),
        }
    }

    /// The table of functions of the store's only instance, if it is known.
    pub(crate) fn only_table(&self) -> Option<Table> {
        self.only.table
    }

    /// Keeps the table of the instance that calls, if that is the store's only one.
    pub(crate) fn keep_table(&mut self, table: Option<Table>) {
        if self.single_instance {
            self.only.table = table;
        }
    }

    /// An allocator of the store's only instance, if it is known.
    pub(crate) fn allocator(&self, id: AllocatorId) -> Option<CheckedFunc> {
        let mut allocators = self.only.allocators.iter();
        let (_, func) = allocators.find(|(known, _)| *known == id)?;
        Some(*func)
    }

    /// Keeps an allocator of the instance that calls, if that is the store's only one.
    pub(crate) fn keep_allocator(&mut self, id: AllocatorId, func: CheckedFunc) {
        if self.single_instance {
            self.only.allocators.push((id, func));
        }
    }

    /// The store's only instance, if it is known: where the host calls a host function that a guest
    /// exports again, Wasmtime knows of no guest.
    pub(crate) fn only_instance(&self) -> Option<Instance> {
        self.only.instance
    }

    /// Keeps the store's only instance, if it is that.
    pub(crate) fn keep_instance(&mut self, instance: Instance) {
        if self.single_instance {
            self.only.instance = Some(instance);
        }
    }

    /// Whether no code but the runtime's has had the store, which holds one instance then.
    #[inline]
    pub(crate) fn has_single_instance(&self) -> bool {
        self.single_instance
    }

    /// Says that the store will hold one instance, until [`lend`](Self::lend) is called.
    pub(crate) fn expect_one_instance(&mut self) {
        self.single_instance = true;
        // Once it is not the only one, time counts less.
        self.called_by_host = true;
    }

    /// Says that the store is in the hands of code that may put another instance into it, or take
    /// the host data out: from now on everything is looked up for the instance that calls.
    pub(crate) fn invalidate_cache(&mut self) {
        self.single_instance = false;
        self.only = CachedExports::default();
    }

    /// Forgets all but the names that the embedder gives.
    pub(crate) fn forget(&mut self) {
        *self = Self {
            names: std::mem::take(&mut self.names),
            ..Self::default()
        };
    }

    /// The store's own of an annotated global, if a guest of it imports that, and the store.
    pub(crate) fn global(&self, wanted: GlobalId) -> Option<(Global, StoreIdentity)> {
        let mut globals = self.globals.iter();
        let (_, global) = globals.find(|(known, _)| *known == wanted)?;
        Some((*global, self.store.clone()?))
    }

    /// Forgets what is of another store than this one.
    pub(crate) fn set_store(&mut self, store: StoreIdentity) {
        self.store = Some(store);
        self.globals.clear();
        self.trampolines.clear();
        self.calls.guest = None;
    }

    /// The store that the globals, the trampolines and the guest that calls are in.
    pub(crate) fn store(&self) -> Option<StoreIdentity> {
        self.store.clone()
    }

    /// Adds a global of the store that [`set_store`](Self::set_store) was told of.
    pub(crate) fn add_global(&mut self, of: GlobalId, global: Global) {
        self.globals.push((of, global));
    }

    /// Whether a host function may be called by the host.
    #[inline]
    pub(crate) fn may_be_called_by_host(&self) -> bool {
        self.called_by_host || self.calls.depth > 0 || cfg!(panic = "abort")
    }

    /// What is left of the copy budget for a hostcall, if a hostcall around it has used some.
    #[inline]
    pub(super) fn budget_left(&self) -> Option<usize> {
        self.calls.budget
    }

    /// Whether the innermost call of the host into a guest needs no trampoline: no other is around
    /// it, and the store's only instance is known.
    #[inline]
    pub(crate) fn calls_directly(&self) -> bool {
        self.single_instance && self.calls.depth == 1
    }

    /// The guest on whose behalf the host calls, of the store that [`store`](Self::store) gives.
    pub(crate) fn calling(&self) -> Option<CallingGuest> {
        self.calls.guest.as_deref().cloned()
    }

    pub(crate) fn set_calling(&mut self, guest: CallingGuest) {
        self.calls.guest = Some(Arc::new(guest));
    }

    /// What functions of this type are called by.
    pub(crate) fn trampoline(&self, ty: CallType) -> Option<Trampoline> {
        self.trampolines.iter().find(|one| one.ty() == ty).cloned()
    }

    pub(crate) fn trampolines(&self) -> &[Trampoline] {
        &self.trampolines
    }

    /// Adds a trampoline of the store that [`set_store`](Self::set_store) was told of.
    pub(crate) fn add_trampoline(&mut self, trampoline: Trampoline) {
        self.trampolines.push(trampoline);
    }

    /// Notes that one more is made, `limit` at most, and gives what [`end_call`](Self::end_call) is
    /// to be told.
    pub(super) fn begin_call(
        &mut self,
        budget: Option<usize>,
        limit: u32,
    ) -> Result<GuestCalls, GuestCallError> {
        if self.calls.refused {
            return Err(GuestCallError::Refused);
        }
        if self.calls.depth >= limit {
            self.refuse_calls();
            return Err(GuestCallError::TooDeep { limit });
        }
        let before = self.calls.clone();
        self.calls.depth += 1;
        self.calls.budget = budget.or(self.calls.budget);
        Ok(before)
    }

    /// Notes that the innermost has ended, which began after `before`.
    pub(super) fn end_call(&mut self, before: GuestCalls) {
        // In a tree of calls each of which reaches the limit, every branch would try again.
        let refused = self.calls.refused && before.depth > 0;
        self.calls = GuestCalls { refused, ..before };
    }

    /// Refuses further calls until the outermost has returned.
    pub(crate) fn refuse_calls(&mut self) {
        self.calls.refused = self.calls.depth > 0;
    }
}

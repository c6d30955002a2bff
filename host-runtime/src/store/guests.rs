//! What a store knows of its guests, so as not to ask Wasmtime in each call.

use std::{any::TypeId, sync::Arc};

use wasmtime::{Global, Instance, Memory, Table};

use crate::{
    abi::AddressType,
    exports::{ExportNames, LearnedModules},
    store::{
        CallType, CheckedFunc, GuestCalls, OwnershipProbe, StoreAddress, StoreIdentity, Trampoline,
    },
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
    /// What is in one store, and is of no use in another.
    items: Option<StoreItems>,
    /// Whether a host function may be called by the host itself, as far as is known; see
    /// `QuickExport::with_bytes` in `exports/lookup.rs`.
    called_by_host: bool,
    calls: Arc<GuestCalls>,
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

/// What belongs to a store.
pub(crate) struct StoreItems {
    store: StoreIdentity,
    /// The store's own of each annotated global that a guest of it imports.
    globals: Vec<(GlobalId, Global)>,
    trampolines: Vec<Trampoline>,
    pub(crate) probe: OwnershipProbe,
}

impl StoreItems {
    fn new(store: StoreIdentity) -> Self {
        Self {
            store,
            globals: Vec::new(),
            trampolines: Vec::new(),
            probe: OwnershipProbe::default(),
        }
    }

    pub(crate) fn store(&self) -> &StoreIdentity {
        &self.store
    }

    /// The store's own of an annotated global, if a guest of the store imports that.
    pub(crate) fn global(&self, wanted: GlobalId) -> Option<Global> {
        let mut globals = self.globals.iter();
        Some(globals.find(|(known, _)| *known == wanted)?.1)
    }

    pub(crate) fn add_global(&mut self, of: GlobalId, global: Global) {
        self.globals.push((of, global));
    }

    /// What functions of this type are called by.
    pub(crate) fn trampoline(&self, ty: CallType) -> Option<Trampoline> {
        self.trampolines.iter().find(|one| one.ty() == ty).cloned()
    }

    pub(crate) fn trampolines(&self) -> &[Trampoline] {
        &self.trampolines
    }

    pub(crate) fn add_trampoline(&mut self, trampoline: Trampoline) {
        self.trampolines.push(trampoline);
    }
}

impl Guests {
    pub(super) fn set_memory_name(&mut self, name: Arc<str>) {
        self.names.memory = Some(name);
        self.learned = LearnedModules::default();
        self.only = CachedExports::default();
    }

    pub(super) fn set_table_name(&mut self, name: Arc<str>) {
        self.names.table = Some(name);
        self.learned = LearnedModules::default();
        self.only = CachedExports::default();
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
    pub(crate) fn keep_table(&mut self, table: Table) {
        if self.single_instance {
            self.only.table = Some(table);
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

    /// Says that the store will hold one instance, until
    /// [`invalidate_cache`](Self::invalidate_cache) is called.
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

    /// Forgets what can be found again.
    pub(crate) fn forget(&mut self) {
        self.invalidate_cache();
        self.called_by_host = false;
        self.learned = LearnedModules::default();
        if let Some(items) = &mut self.items {
            items.trampolines.clear();
        }
    }

    /// What belongs to the store that has its data there now.
    pub(crate) fn items(&mut self, store: StoreAddress) -> Option<&mut StoreItems> {
        self.items.as_mut().filter(|items| items.store.is_at(store))
    }

    /// What belongs to this store, in place of what belongs to another one.
    pub(crate) fn items_or_new(&mut self, store: StoreIdentity) -> &mut StoreItems {
        if self
            .items
            .as_ref()
            .is_some_and(|items| items.store.is_same(&store))
        {
            return self.items.get_or_insert_with(|| StoreItems::new(store));
        }
        self.items.insert(StoreItems::new(store))
    }

    /// Whether a host function may be called by the host.
    #[inline]
    pub(crate) fn may_be_called_by_host(&self) -> bool {
        self.called_by_host || self.calls.depth() > 0 || cfg!(panic = "abort")
    }

    /// The calls of the host into guests that are under way.
    #[inline]
    pub(crate) fn calls(&self) -> &Arc<GuestCalls> {
        &self.calls
    }
}

//! Caches what host functions look up in the guests of a store.

use std::{any::TypeId, sync::Arc};

use wasmtime::{Global, Instance, Memory, Table};

use crate::{
    abi::AddressType,
    exports::{ExportNames, LearnedModules},
    store::{
        CallType, CheckedFunc, GuestCalls, InstanceId, OwnershipProbe, StoreAddress, StoreIdentity,
        Trampoline,
    },
};

/// Identifies an annotated global, by the address of its record.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct GlobalId(pub(crate) usize);

/// Identifies a function that allocates or frees: by the type that names the allocator, by what it
/// does, and by the address type of its signature.
pub(crate) type AllocatorId = (TypeId, AllocatorRole, AddressType);

/// What a function of a guest's allocator does.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum AllocatorRole {
    Allocate,
    Free,
    Pin,
    Unpin,
}

/// What host data knows of the guests of its store.
#[derive(Default)]
pub(crate) struct Guests {
    /// The instance, if the store certainly contains one only: no code but the runtime's has had
    /// the store. `None` by default, because a `HostData` can be put into any store.
    single_instance: Option<InstanceId>,
    /// The exports of the store's only instance.
    only: CachedExports,
    /// The embedder's names for the memory and the table.
    names: ExportNames,
    /// The modules that were not known when linking.
    pub(crate) learned: LearnedModules,
    /// Items of one store, which cannot be used in another.
    items: Option<StoreItems>,
    /// True if the host itself may call a host function; see `QuickExport::with_bytes` in
    /// `exports/lookup.rs`.
    called_by_host: bool,
    /// The number of times that a host function has begun to call the only instance, while no other
    /// host function has begun to do so since; 0 otherwise.
    direct: u64,
    begun: u64,
    calls: Arc<GuestCalls>,
}

/// The exports of the store's only instance that host functions use.
#[derive(Default)]
struct CachedExports {
    instance: Option<Instance>,
    memory: Option<Memory>,
    /// The memories that host functions name.
    named_memories: Vec<(&'static str, Memory)>,
    /// The table of functions, for host functions that name none.
    table: Option<Table>,
    allocators: Vec<(AllocatorId, CheckedFunc)>,
    /// The functions that were called by name, [`KEPT_FUNCTIONS`] at most.
    functions: Vec<(Box<str>, CheckedFunc)>,
}

/// How many functions are kept that were called by name. A name may come from a guest.
const KEPT_FUNCTIONS: usize = 64;

/// Items that belong to a store.
pub(crate) struct StoreItems {
    store: StoreIdentity,
    /// The global of the store for each annotated one that a guest imports.
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

    /// The global of the store for an annotated one, if a guest imports it.
    pub(crate) fn global(&self, wanted: GlobalId) -> Option<Global> {
        let mut globals = self.globals.iter();
        Some(globals.find(|(known, _)| *known == wanted)?.1)
    }

    pub(crate) fn add_global(&mut self, of: GlobalId, global: Global) {
        self.globals.push((of, global));
    }

    /// The trampoline for functions of this type.
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
        self.forget_exports();
    }

    pub(super) fn set_table_name(&mut self, name: Arc<str>) {
        self.names.table = Some(name);
        self.forget_exports();
    }

    /// Drops what was looked up by the former names.
    fn forget_exports(&mut self) {
        self.learned = LearnedModules::default();
        self.only = CachedExports::default();
    }

    /// The embedder's names for the memory and the table.
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

    /// Caches a memory of the calling instance, if that is the store's only one.
    pub(crate) fn keep_memory(&mut self, name: Option<&'static str>, memory: Memory) {
        match name {
            _ if !self.has_single_instance() => {}
            None => self.only.memory = Some(memory),
            Some(name) => self.only.named_memories.push((name, memory)),
        }
    }

    /// The table of functions of the store's only instance, if it is known.
    pub(crate) fn only_table(&self) -> Option<Table> {
        self.only.table
    }

    /// Caches the table of the calling instance, if that is the store's only one.
    pub(crate) fn keep_table(&mut self, table: Table) {
        if self.has_single_instance() {
            self.only.table = Some(table);
        }
    }

    /// An allocator of the store's only instance, if it is known.
    #[inline]
    pub(crate) fn allocator(&self, id: AllocatorId) -> Option<&CheckedFunc> {
        let mut allocators = self.only.allocators.iter();
        let (_, func) = allocators.find(|(known, _)| *known == id)?;
        Some(func)
    }

    /// Caches an allocator of the calling instance, if that is the store's only one.
    pub(crate) fn keep_allocator(&mut self, id: AllocatorId, func: CheckedFunc) {
        if self.has_single_instance() {
            self.only.allocators.push((id, func));
        }
    }

    /// A function of the store's only instance that was called by this name and type before.
    pub(crate) fn function(&self, name: &str, ty: CallType) -> Option<CheckedFunc> {
        let mut functions = self.only.functions.iter();
        let (_, func) = functions.find(|(known, func)| **known == *name && func.ty() == ty)?;
        Some(*func)
    }

    /// Caches a function of the calling instance, if that is the store's only one.
    pub(crate) fn keep_function(&mut self, name: &str, func: CheckedFunc) {
        if self.has_single_instance() && self.only.functions.len() < KEPT_FUNCTIONS {
            self.only.functions.push((name.into(), func));
        }
    }

    /// The store's only instance, if it is known. It is used when the host calls a host function
    /// that a guest exports again, where Wasmtime has no calling instance.
    pub(crate) fn only_instance(&self) -> Option<Instance> {
        self.only.instance
    }

    /// Caches an instance, if it is the store's only one.
    pub(crate) fn keep_instance(&mut self, instance: Instance) {
        if self.has_single_instance() {
            self.only.instance = Some(instance);
        }
    }

    /// Whether the store certainly contains one instance only.
    #[inline]
    pub(crate) fn has_single_instance(&self) -> bool {
        self.single_instance.is_some()
    }

    /// The instance, if the store certainly contains one only.
    #[inline]
    pub(crate) fn single_instance(&self) -> Option<InstanceId> {
        self.single_instance
    }

    /// Declares that the store will contain one instance, until
    /// [`invalidate_cache`](Self::invalidate_cache) is called.
    pub(crate) fn expect_one_instance(&mut self) {
        self.single_instance = Some(InstanceId::new());
        // Once the cache is invalidated, use the slower lookup, which cannot panic.
        self.called_by_host = true;
    }

    /// Drops the cache, because other code gets the store. That code may put another instance into
    /// the store, or take the host data out. From now on, host functions look up everything in the
    /// calling instance.
    pub(crate) fn invalidate_cache(&mut self) {
        self.single_instance = None;
        self.only = CachedExports::default();
    }

    /// Drops everything that can be looked up again.
    pub(crate) fn forget(&mut self) {
        self.invalidate_cache();
        self.called_by_host = false;
        self.learned = LearnedModules::default();
        if let Some(items) = &mut self.items {
            items.trampolines.clear();
        }
    }

    /// The items of the store whose data has this address now.
    pub(crate) fn items(&mut self, store: StoreAddress) -> Option<&mut StoreItems> {
        self.items.as_mut().filter(|items| items.store.is_at(store))
    }

    /// The items of this store. Items of another store are dropped.
    pub(crate) fn items_or_new(&mut self, store: StoreIdentity) -> &mut StoreItems {
        self.items.take_if(|items| !items.store.is_same(&store));
        self.items.get_or_insert_with(|| StoreItems::new(store))
    }

    /// Notes that a host function begins to call the guest. If its calls can be direct, returns a
    /// number by which it recognizes that nothing has changed since.
    pub(crate) fn begin_calls(&mut self, is_outermost: bool) -> u64 {
        self.direct = 0;
        if is_outermost && self.has_single_instance() {
            self.begun += 1;
            self.direct = self.begun;
        }
        self.direct
    }

    /// Notes that a limit of nested calls was reached.
    pub(crate) fn end_direct_calls(&mut self) {
        self.direct = 0;
    }

    /// Whether a host function can go on to call this instance directly.
    #[inline]
    pub(crate) fn goes_on(&self, instance: InstanceId, direct: u64) -> bool {
        direct != 0 && self.direct == direct && self.single_instance == Some(instance)
    }

    /// Whether the host itself may call a host function.
    #[inline]
    pub(crate) fn may_be_called_by_host(&self) -> bool {
        self.called_by_host || self.calls.depth() > 0 || cfg!(panic = "abort")
    }

    /// The running calls of the host into guests.
    #[inline]
    pub(crate) fn calls(&self) -> &Arc<GuestCalls> {
        &self.calls
    }
}

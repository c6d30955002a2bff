//! What a store has for the host functions: states, limits, and where memories are.

mod handles;
mod map;

use std::{any::TypeId, fmt, iter};

use wasmtime::{Func, Global, Instance, Memory, Table};

use crate::{
    memory::{Finder, Found, Imported, MemoryName},
    registry::{HostGlobal, StateNeed},
    values::Width,
};

pub use self::{
    handles::{BadHandle, Handle, Handles},
    map::StateMap,
};

/// How much one hostcall may copy out of the guest's memory unless the embedder says otherwise:
/// 128 MiB.
pub const DEFAULT_COPY_BUDGET: usize = 128 << 20;

/// What host functions work on: host state by type, and the limits of a call.
///
/// A [`Runtime`](crate::Runtime) makes one for each instance. An embedder with store data of its
/// own puts one into it and tells [`Imports::add_to_linker`](crate::Imports::add_to_linker) where. It knows the
/// guests of that store; see [`forget_guests`](Self::forget_guests).
///
/// A parameter `#[state] kv: &mut Kv` borrows the value of type `Kv`:
///
/// ```
/// use host_runtime::HostData;
///
/// #[derive(Debug, PartialEq)]
/// struct Visits(u32);
///
/// let mut host = HostData::new().with(Visits(1));
/// host.state_mut::<Visits>().unwrap().0 += 1;
/// assert_eq!(host.state::<Visits>(), Some(&Visits(2)));
/// ```
pub struct HostData {
    states: StateMap,
    copy_budget: usize,
    /// The memory of host functions that name none.
    finder: Finder,
    /// The memories that host functions name.
    named_finders: Vec<Finder>,
    /// The store's only instance, if that is certain.
    only: Option<Instance>,
    imported_memories: Imported<Found>,
    imported_tables: Imported<Table>,
    /// The table of functions of the store's only instance, once it was looked for.
    table: Option<Table>,
    /// The store's own of each annotated global that a guest of it imports.
    globals: Vec<(&'static HostGlobal, Global)>,
    /// The allocators of the store's only instance, each by the type that names it.
    allocators: Vec<(AllocatorId, Func)>,
    /// Whether the store holds one instance only, for certain. Not so by default: a `HostData` may
    /// be put into any store.
    sole: bool,
    /// Whether a host function may be called by the host itself, as far as is known; see
    /// `Quick::memory` in `memory/find.rs`.
    careful: bool,
    /// How many calls of the host into guests are under way, one within the other.
    depth: u32,
}

/// An allocator by the type that names it, and the width that its own type has.
type AllocatorId = (TypeId, Width);

/// How many calls of the host into guests may be under way, one within the other: a guest that hands
/// out a host function has the host call itself, by no stack that Wasmtime watches.
const DEEPEST: u32 = 64;

/// What a call into a guest changes for as long as it takes.
#[derive(Clone, Copy)]
pub(crate) struct BeforeGuestCall {
    careful: bool,
    copy_budget: usize,
}

/// A state that a host function needs and that nobody provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no `{state}` among the host's states; provide one by `Runtime::builder().state(…)` or `HostData::with(…)`"
)]
pub struct MissingState {
    /// The type as Rust names it.
    pub state: &'static str,
}

impl HostData {
    /// No states, and the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            states: StateMap::new(),
            copy_budget: DEFAULT_COPY_BUDGET,
            finder: Finder::default(),
            named_finders: Vec::new(),
            only: None,
            imported_memories: Imported::default(),
            imported_tables: Imported::default(),
            table: None,
            globals: Vec::new(),
            allocators: Vec::new(),
            sole: false,
            careful: false,
            depth: 0,
        }
    }

    /// Adds a state, or replaces the one of its type.
    #[must_use]
    pub fn with<S: Send + 'static>(mut self, state: S) -> Self {
        self.insert(state);
        self
    }

    /// Adds a state and returns the one of its type that it replaces.
    pub fn insert<S: Send + 'static>(&mut self, state: S) -> Option<S> {
        if let Some(found) = self.states.get_mut::<S>() {
            return Some(std::mem::replace(found, state));
        }
        self.states.push(state);
        None
    }

    /// The state of type `S`.
    #[must_use]
    pub fn state<S: 'static>(&self) -> Option<&S> {
        self.states.get()
    }

    /// The state of type `S`, to change it.
    #[must_use]
    pub fn state_mut<S: 'static>(&mut self) -> Option<&mut S> {
        self.states.get_mut()
    }

    /// Whether there is a state of this type.
    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.states.has(id)
    }

    /// Checks that the states which a function needs are there.
    pub(crate) fn check(&self, needs: &[StateNeed]) -> Result<(), MissingState> {
        match needs.iter().find(|need| !self.has(need.id)) {
            Some(need) => Err(MissingState {
                state: (need.name)(),
            }),
            None => Ok(()),
        }
    }

    /// How many bytes one hostcall may copy out of the guest's memory, as `String` and `Vec<T>`
    /// parameters do. [`DEFAULT_COPY_BUDGET`] unless it was set.
    #[must_use]
    pub fn copy_budget(&self) -> usize {
        self.copy_budget
    }

    /// Sets how many bytes one hostcall may copy; see [`copy_budget`](Self::copy_budget).
    pub fn set_copy_budget(&mut self, bytes: usize) {
        self.copy_budget = bytes;
    }

    /// Names the export that is the guest's memory, for host functions that name none themselves.
    ///
    /// Without it, it is the only memory that the module exports, or the one called `memory`.
    pub fn set_memory_name(&mut self, name: impl Into<String>) {
        self.finder = Finder::new(Some(name.into().into()));
    }

    /// What the shims borrow: the states.
    #[inline]
    pub(crate) fn states(&mut self) -> &mut StateMap {
        &mut self.states
    }

    /// The finder of the memory that a host function names, or of the one that none is named for.
    #[inline]
    pub(crate) fn finder(&mut self, name: Option<&'static str>) -> &mut Finder {
        match name {
            None => &mut self.finder,
            Some(name) => self.named_finder(name),
        }
    }

    fn named_finder(&mut self, name: &'static str) -> &mut Finder {
        let known = self
            .named_finders
            .iter()
            .position(|finder| finder.name() == Some(name));
        let index = known.unwrap_or_else(|| {
            let new = MemoryName::Some(name.into());
            self.named_finders.push(Finder::new(new));
            self.named_finders.len() - 1
        });
        &mut self.named_finders[index]
    }

    /// The memories that guests import.
    pub(crate) fn imported_memories(&mut self) -> &mut Imported<Found> {
        &mut self.imported_memories
    }

    /// What guests import of both kinds.
    pub(crate) fn imported(&self) -> (Imported<Found>, Imported<Table>) {
        (self.imported_memories.clone(), self.imported_tables.clone())
    }

    pub(crate) fn set_imported(&mut self, before: (Imported<Found>, Imported<Table>)) {
        (self.imported_memories, self.imported_tables) = before;
    }

    /// The tables of functions that guests import.
    pub(crate) fn imported_tables(&mut self) -> &mut Imported<Table> {
        &mut self.imported_tables
    }

    /// The table of functions of the store's only instance, if it is known.
    pub(crate) fn table(&self) -> Option<Table> {
        self.table
    }

    /// Keeps the table of the instance that calls, if that is the store's only one.
    pub(crate) fn keep_table(&mut self, table: Option<Table>) {
        if self.sole {
            self.table = table;
        }
    }

    /// The store's own of an annotated global, if a guest of it imports that.
    pub(crate) fn global(&self, wanted: &'static HostGlobal) -> Option<Global> {
        let mut globals = self.globals.iter();
        let (_, global) = globals.find(|(known, _)| std::ptr::eq(*known, wanted))?;
        Some(*global)
    }

    pub(crate) fn add_global(&mut self, of: &'static HostGlobal, global: Global) {
        self.globals.push((of, global));
    }

    /// An allocator of the store's only instance, if it is known.
    pub(crate) fn allocator(&self, id: AllocatorId) -> Option<Func> {
        let (_, func) = self.allocators.iter().find(|(known, _)| *known == id)?;
        Some(*func)
    }

    /// Keeps an allocator of the instance that calls, if that is the store's only one.
    pub(crate) fn keep_allocator(&mut self, id: AllocatorId, func: Func) {
        if self.sole {
            self.allocators.push((id, func));
        }
    }

    /// Says that the store will hold one instance, until [`lend`](Self::lend) is called.
    pub(crate) fn expect_one_instance(&mut self) {
        self.sole = true;
        // Once it is not the only one, time counts less.
        self.careful = true;
    }

    /// Whether a host function may be called by the host.
    #[inline]
    pub(crate) fn is_careful(&self) -> bool {
        self.careful || cfg!(panic = "abort")
    }

    /// Notes that a guest is called by the host. What it has the host do meanwhile takes of what is
    /// left of this call's copy budget.
    pub(crate) fn begin_guest_call(
        &mut self,
        left: Option<usize>,
    ) -> wasmtime::Result<BeforeGuestCall> {
        if self.depth == DEEPEST {
            wasmtime::bail!(
                "{DEEPEST} calls of guests by the host are under way, one within the other"
            );
        }
        let before = BeforeGuestCall {
            careful: self.careful,
            copy_budget: self.copy_budget,
        };
        self.depth += 1;
        // The function that is called may be one of the host's.
        self.careful = true;
        self.copy_budget = left.unwrap_or(self.copy_budget);
        Ok(before)
    }

    pub(crate) fn end_guest_call(&mut self, before: BeforeGuestCall) {
        self.depth -= 1;
        self.careful = before.careful;
        self.copy_budget = before.copy_budget;
    }

    /// Forgets what is known of the store's guests: before the data is put into another store.
    ///
    /// States and limits stay.
    pub fn forget_guests(&mut self) {
        self.lend();
        self.globals.clear();
        self.imported_memories = Imported::default();
        self.imported_tables = Imported::default();
    }

    /// Keeps the store's only instance, if it is that.
    ///
    /// When a guest exports a host function that it imports, and the host calls that, Wasmtime knows of
    /// no guest.
    pub(crate) fn keep_instance(&mut self, instance: Instance) {
        self.only = self.sole.then_some(instance);
    }

    pub(crate) fn only_instance(&self) -> Option<Instance> {
        self.only
    }

    /// Keeps the memory of the store's only instance, if it is that: it is not looked up again.
    pub(crate) fn keep_memory(&mut self, name: Option<&'static str>, memory: Option<Memory>) {
        if self.sole {
            self.finder(name).set_only(memory);
        }
    }

    /// Says that the store is in the hands of code that may put another instance into it: from
    /// now on a memory is looked up for the instance that calls.
    pub(crate) fn lend(&mut self) {
        self.sole = false;
        self.only = None;
        self.allocators.clear();
        self.table = None;
        for finder in self.finders() {
            finder.set_only(None);
        }
    }

    fn finders(&mut self) -> impl Iterator<Item = &mut Finder> {
        iter::once(&mut self.finder).chain(&mut self.named_finders)
    }
}

impl Default for HostData {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HostData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostData")
            .field("copy_budget", &self.copy_budget)
            .finish_non_exhaustive()
    }
}

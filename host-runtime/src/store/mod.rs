//! What a store has for the host functions: states, limits, and what is known of its guests.

mod guest_calls;
mod guests;
mod handles;
mod map;
mod missing_state;
mod ownership;
mod state_need;
mod store_identity;
mod trampoline;
mod typed;

use std::{any::TypeId, fmt};

use crate::error::GuestCallError;

pub(crate) use self::{
    guest_calls::{CallingGuest, GuestCalls, NestedCall},
    guests::{GlobalId, Guests},
    missing_state::StatePlace,
    ownership::OwnershipProbe,
    store_identity::{StoreAddress, StoreIdentity},
    trampoline::{CallSlots, CallType, CheckedFunc, Trampoline, Trampolines},
};
pub use self::{
    handles::{Handle, HandleError, Handles},
    map::StateMap,
    missing_state::MissingStateError,
    state_need::StateNeed,
};

/// How much one hostcall may copy out of the guest's memory unless the embedder says otherwise:
/// 128 MiB.
pub const DEFAULT_COPY_BUDGET: usize = 128 << 20;

/// How many calls of the host into guests may be under way, one within the other, unless the
/// embedder says otherwise: 1,000.
///
/// A call takes as much of the native stack as the host function that makes it and the guest's
/// functions together, and Wasmtime bounds what those use: 512 KiB unless
/// [`max_wasm_stack`](wasmtime::Config::max_wasm_stack) is set. That is reached first, as a rule.
pub const DEFAULT_CALL_DEPTH: u32 = 1_000;

/// How many bytes text without a length, a `&CStr` for example, may have unless the embedder says
/// otherwise, with its NUL: 16 MiB.
pub const DEFAULT_TEXT_LIMIT: usize = 16 << 20;

/// How many entries a list of slices may have unless the embedder says otherwise: 65,536.
pub const DEFAULT_LIST_LIMIT: usize = 1 << 16;

/// What one hostcall may take of what the guest passes.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) copy_budget: usize,
    pub(crate) text_limit: usize,
    pub(crate) list_limit: usize,
}

impl Limits {
    /// Those of a result, for which nothing is read.
    pub(crate) fn of_result(copy_budget: usize) -> Self {
        Self {
            copy_budget,
            text_limit: 0,
            list_limit: 0,
        }
    }
}

/// What host functions work on: host state by type, and the limits of a call.
///
/// A [`Runtime`](crate::Runtime) makes one for each instance. An embedder with store data of its
/// own puts one into it and tells [`Imports::add_to_linker`](crate::Imports::add_to_linker) where.
/// It knows the guests of that store; see [`forget_guests`](Self::forget_guests).
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
    text_limit: usize,
    list_limit: usize,
    call_depth: u32,
    guests: Guests,
}

impl HostData {
    /// No states, and the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            states: StateMap::new(),
            copy_budget: DEFAULT_COPY_BUDGET,
            text_limit: DEFAULT_TEXT_LIMIT,
            list_limit: DEFAULT_LIST_LIMIT,
            call_depth: DEFAULT_CALL_DEPTH,
            guests: Guests::default(),
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
    #[inline]
    pub(crate) fn check(&self, needs: &[StateNeed]) -> Result<(), MissingStateError> {
        match needs.iter().find(|need| !self.has(need.id)) {
            Some(need) => Err(self.missing((need.id, (need.name)()))),
            None => Ok(()),
        }
    }

    /// The error of a state that is not there.
    #[cold]
    pub(crate) fn missing(&self, state: (TypeId, &'static str)) -> MissingStateError {
        MissingStateError::new(state, StatePlace::Store, self.states.names())
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

    /// How many bytes text without a length may have, with its NUL. [`DEFAULT_TEXT_LIMIT`] unless
    /// it was set.
    #[must_use]
    pub fn text_limit(&self) -> usize {
        self.text_limit
    }

    /// Sets how many bytes text without a length may have, with its NUL: how far a hostcall looks
    /// for that.
    pub fn set_text_limit(&mut self, bytes: usize) {
        self.text_limit = bytes;
    }

    /// How many entries a [`SliceList`](crate::values::SliceList) may have. [`DEFAULT_LIST_LIMIT`]
    /// unless it was set.
    #[must_use]
    pub fn list_limit(&self) -> usize {
        self.list_limit
    }

    /// Sets how many entries a [`SliceList`](crate::values::SliceList) may have.
    pub fn set_list_limit(&mut self, entries: usize) {
        self.list_limit = entries;
    }

    /// How many calls of the host into guests may be under way, one within the other.
    /// [`DEFAULT_CALL_DEPTH`] unless it was set.
    #[must_use]
    pub fn call_depth(&self) -> u32 {
        self.call_depth
    }

    /// Sets how many calls of the host into guests may be under way; see
    /// [`call_depth`](Self::call_depth).
    ///
    /// One more is a [`GuestCallError`](crate::errors::GuestCallError) to the host function that
    /// makes it.
    pub fn set_call_depth(&mut self, calls: u32) {
        self.call_depth = calls;
    }

    /// Names the export that is the guest's memory, for host functions that name none themselves.
    ///
    /// Without it, it is the only memory that the module exports, or the one called `memory`.
    pub fn set_memory_name(&mut self, name: impl Into<String>) {
        self.guests.set_memory_name(name.into().into());
    }

    /// Names the export that is the guest's table of functions, for callbacks.
    ///
    /// Without it, it is the one called `__indirect_function_table` or `table`, or the only table
    /// of functions that the module exports.
    pub fn set_table_name(&mut self, name: impl Into<String>) {
        self.guests.set_table_name(name.into().into());
    }

    /// What a hostcall may copy that begins now.
    #[inline]
    pub(crate) fn budget(&self) -> usize {
        match self.guests.calls().budget_left() {
            None => self.copy_budget,
            Some(left) => left,
        }
    }

    /// What a hostcall may take that begins now.
    #[inline]
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            copy_budget: self.budget(),
            text_limit: self.text_limit,
            list_limit: self.list_limit,
        }
    }

    /// What the shims borrow: the states.
    #[inline]
    pub(crate) fn states(&mut self) -> &mut StateMap {
        &mut self.states
    }

    /// What is known of the store's guests.
    #[inline]
    pub(crate) fn guests(&mut self) -> &mut Guests {
        &mut self.guests
    }

    /// Notes that a guest is called by the host. What it has the host do meanwhile takes of what is
    /// left of this call's copy budget.
    pub(crate) fn begin_guest_call(
        &mut self,
        left: Option<usize>,
    ) -> Result<NestedCall, GuestCallError> {
        NestedCall::begin(self.guests.calls(), left, self.call_depth)
    }

    /// Forgets what is known of the store's guests and can be found again; states, limits and
    /// annotated globals stay.
    ///
    /// What belongs to one store is not used in another, so this only gives memory back.
    pub fn forget_guests(&mut self) {
        self.guests.forget();
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

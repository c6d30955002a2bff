//! The host data of a store: states, limits, and cached items of its guests.

mod guest_calls;
mod guests;
mod handles;
mod instance_id;
mod map;
mod missing_state;
mod ownership;
mod state_need;
mod store_identity;
mod trampoline;
mod typed;

use std::{
    any::{TypeId, type_name},
    fmt,
};

use crate::error::GuestCallError;

pub(crate) use self::{
    guest_calls::{CallingGuest, GuestCalls, NestedCall},
    guests::{AllocatorRole, GlobalId, Guests},
    instance_id::InstanceId,
    missing_state::StatePlace,
    ownership::OwnershipProbe,
    store_identity::{StoreAddress, StoreIdentity},
    trampoline::{CallType, CheckedFunc, GuestCall, Trampoline, Trampolines},
};
pub use self::{
    handles::{Handle, HandleError, Handles},
    map::StateMap,
    missing_state::MissingStateError,
    state_need::StateNeed,
};

/// The default limit of bytes that one hostcall copies out of the guest's memory: 128 MiB.
pub const DEFAULT_COPY_BUDGET: usize = 128 << 20;

/// The default limit of nested calls of the host into guests: 1,000.
///
/// A nested call uses native stack for the host function and for the functions of the guest.
/// Wasmtime limits that stack, by default to 512 KiB; see
/// [`max_wasm_stack`](wasmtime::Config::max_wasm_stack). This limit is usually reached first.
pub const DEFAULT_CALL_DEPTH: u32 = 1_000;

/// The default limit of text without a length, such as a `&CStr`, with its NUL: 16 MiB.
pub const DEFAULT_TEXT_LIMIT: usize = 16 << 20;

/// The default limit of the entries of a list of slices: 65,536.
pub const DEFAULT_LIST_LIMIT: usize = 1 << 16;

/// The limits of one hostcall.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) copy_budget: usize,
    pub(crate) text_limit: usize,
    pub(crate) list_limit: usize,
}

impl Limits {
    /// The limits for a result, which reads nothing.
    pub(crate) fn of_result(copy_budget: usize) -> Self {
        Self {
            copy_budget,
            text_limit: 0,
            list_limit: 0,
        }
    }
}

/// The data of a store for host functions: host state by type, and the limits of a call.
///
/// A [`Runtime`](crate::Runtime) makes one for each instance. An embedder with store data of its
/// own puts one into it and tells [`Imports::add_to_linker`](crate::Imports::add_to_linker) where.
/// It caches items of the guests of that store; see [`forget_guests`](Self::forget_guests).
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
    /// Makes host data without states, with the default limits.
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

    /// The state of type `S`, or the error that it is missing.
    pub(crate) fn state_or_error<S: 'static>(&self) -> Result<&S, MissingStateError> {
        let missing = || self.missing((TypeId::of::<S>(), type_name::<S>()));
        self.states.get().ok_or_else(missing)
    }

    /// The state of type `S` to change it, or the error that it is missing.
    pub(crate) fn state_mut_or_error<S: 'static>(&mut self) -> Result<&mut S, MissingStateError> {
        self.state_or_error::<S>()?;
        Ok(self.states.get_mut().expect("it was found"))
    }

    /// Whether the store certainly contains one instance only.
    #[inline]
    pub(crate) fn has_single_instance(&self) -> bool {
        self.guests.has_single_instance()
    }

    /// Whether there is a state of this type.
    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.states.has(id)
    }

    /// Checks that the states exist which a function needs.
    #[inline]
    pub(crate) fn check(&self, needs: &[StateNeed]) -> Result<(), MissingStateError> {
        match needs.iter().find(|need| !self.has(need.id)) {
            Some(need) => Err(self.missing((need.id, (need.name)()))),
            None => Ok(()),
        }
    }

    /// Makes the error of a missing state.
    #[cold]
    pub(crate) fn missing(&self, state: (TypeId, &'static str)) -> MissingStateError {
        MissingStateError::new(state, StatePlace::Store, self.states.names())
    }

    /// The limit of bytes that one hostcall copies out of the guest's memory, for `String` and
    /// `Vec<T>` parameters for example. The default is [`DEFAULT_COPY_BUDGET`].
    #[must_use]
    pub fn copy_budget(&self) -> usize {
        self.copy_budget
    }

    /// Sets the [`copy_budget`](Self::copy_budget).
    pub fn set_copy_budget(&mut self, bytes: usize) {
        self.copy_budget = bytes;
    }

    /// The limit of text without a length in bytes, with its NUL. The default is
    /// [`DEFAULT_TEXT_LIMIT`].
    #[must_use]
    pub fn text_limit(&self) -> usize {
        self.text_limit
    }

    /// Sets the limit of text without a length in bytes, with its NUL. A hostcall looks no further
    /// for the NUL.
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

    /// The limit of nested calls of the host into guests. The default is [`DEFAULT_CALL_DEPTH`].
    #[must_use]
    pub fn call_depth(&self) -> u32 {
        self.call_depth
    }

    /// Sets the [`call_depth`](Self::call_depth).
    ///
    /// One more is a [`GuestCallError`](crate::errors::GuestCallError) to the host function that
    /// makes it.
    pub fn set_call_depth(&mut self, calls: u32) {
        self.call_depth = calls;
    }

    /// Names the export that is the guest's memory, for host functions whose attribute names none.
    ///
    /// By default, this is the only memory that the module exports, or the one called `memory`.
    pub fn set_memory_name(&mut self, name: impl Into<String>) {
        self.guests.set_memory_name(name.into().into());
    }

    /// Names the export that is the guest's table of functions, for callbacks.
    ///
    /// By default, this is the table called `__indirect_function_table` or `table`, or else the
    /// only table of functions that the module exports.
    pub fn set_table_name(&mut self, name: impl Into<String>) {
        self.guests.set_table_name(name.into().into());
    }

    /// The copy budget of a hostcall that begins now.
    #[inline]
    pub(crate) fn budget(&self) -> usize {
        match self.guests.calls().budget_left() {
            None => self.copy_budget,
            Some(left) => left,
        }
    }

    /// The limits of a hostcall that begins now.
    #[inline]
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            copy_budget: self.budget(),
            text_limit: self.text_limit,
            list_limit: self.list_limit,
        }
    }

    /// The states, for shims to borrow.
    #[inline]
    pub(crate) fn states(&mut self) -> &mut StateMap {
        &mut self.states
    }

    /// The cached items of the store's guests.
    #[inline]
    pub(crate) fn guests(&mut self) -> &mut Guests {
        &mut self.guests
    }

    /// Begins the calls of a host function into the guest.
    pub(crate) fn begin_guest_calls(&self) -> Result<NestedCall, GuestCallError> {
        NestedCall::begin(self.guests.calls(), self.call_depth)
    }

    /// Drops cached items of the store's guests. States, limits and annotated globals stay.
    ///
    /// Items of one store are not used in another, so this only frees memory.
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

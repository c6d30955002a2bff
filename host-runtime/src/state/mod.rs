//! What a store has for the host functions: states, limits, and what is known of its guests.

mod guests;
mod handles;
mod map;
mod typed;

use std::{any::TypeId, fmt};

use crate::registry::StateNeed;

pub(crate) use self::guests::Guests;
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
    guests: Guests,
}

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
        self.guests.set_memory_name(name.into());
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
    ) -> wasmtime::Result<BeforeGuestCall> {
        let before = BeforeGuestCall {
            careful: self.guests.begin_call()?,
            copy_budget: self.copy_budget,
        };
        self.copy_budget = left.unwrap_or(self.copy_budget);
        Ok(before)
    }

    pub(crate) fn end_guest_call(&mut self, before: BeforeGuestCall) {
        self.guests.end_call(before.careful);
        self.copy_budget = before.copy_budget;
    }

    /// Forgets what is known of the store's guests: before the data is put into another store.
    ///
    /// States and limits stay.
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

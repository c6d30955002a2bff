//! One hostcall, as a shim sees it: the values that the guest passed, its memory, the host's
//! states.

use std::mem::{self, MaybeUninit};

use wasmtime::ValRaw;

use crate::{
    error::BadValue,
    memory::{GuestMemory, NoMemory},
    state::{HostData, State, States},
    values::{CoreValues, FromGuest, GuestSize, IntoGuest},
};

/// The slots in which Wasmtime passes parameters and takes results.
pub struct Slots<'a> {
    raw: &'a mut [MaybeUninit<ValRaw>],
    next: usize,
    parameters: usize,
}

impl<'a> Slots<'a> {
    /// # Safety
    ///
    /// The first `parameters` of `raw` are initialized.
    #[inline]
    pub(crate) unsafe fn new(raw: &'a mut [MaybeUninit<ValRaw>], parameters: usize) -> Self {
        Self {
            raw,
            next: 0,
            parameters,
        }
    }

    /// The next parameter.
    #[inline]
    pub(crate) fn take(&mut self) -> ValRaw {
        assert!(
            self.next < self.parameters,
            "a shim reads its parameters only"
        );
        let slot = self.raw[self.next];
        self.next += 1;
        // SAFETY: `new` was told that the first `parameters` are initialized, and this is one of
        // them; nothing but `put` writes, and it writes values.
        unsafe { slot.assume_init() }
    }

    /// The next result.
    #[inline]
    pub(crate) fn put(&mut self, value: ValRaw) {
        self.raw[self.next].write(value);
        self.next += 1;
    }
}

/// One call of a host function by a guest, for the time `'a`.
///
/// A [`FromGuest`] implementation gets it to borrow from the guest's memory.
pub struct Call<'a> {
    slots: Slots<'a>,
    memory: Result<GuestMemory<'a>, NoMemory>,
    states: &'a mut [State],
    copy_budget: usize,
    /// How many parameters have been made of what the guest passed.
    made: usize,
    /// Whether the parameters are behind: what fails now is the function itself.
    entered: bool,
}

impl<'a> Call<'a> {
    #[inline]
    pub(crate) fn new(
        slots: Slots<'a>,
        memory: Result<GuestMemory<'a>, NoMemory>,
        host: &'a mut HostData,
    ) -> Self {
        Self {
            slots,
            memory,
            copy_budget: host.copy_budget(),
            states: host.states(),
            made: 0,
            entered: false,
        }
    }

    /// A call whose function has had the whole store, and whose parameters are behind.
    pub(crate) fn without_store(slots: Slots<'a>) -> Self {
        Self {
            slots,
            memory: Err(NoMemory::NoGuest),
            copy_budget: 0,
            states: &mut [],
            made: 0,
            entered: true,
        }
    }

    /// The guest's memory.
    ///
    /// # Errors
    ///
    /// [`BadValue::NoMemory`] if the guest has none that can be borrowed from.
    #[inline]
    pub fn memory(&mut self) -> Result<&mut GuestMemory<'a>, BadValue> {
        match &mut self.memory {
            Ok(memory) => Ok(memory),
            Err(reason) => Err(BadValue::NoMemory(reason.clone())),
        }
    }

    /// Makes an owned value of `length` bytes from `pointer` on, after they have been checked
    /// against the memory and the call's copy budget.
    ///
    /// # Errors
    ///
    /// Those of [`GuestMemory::shared`], [`BadValue::OverBudget`], and those of `make`.
    #[inline]
    pub fn copy<R>(
        &mut self,
        pointer: GuestSize,
        length: u64,
        make: impl FnOnce(&[u8]) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let bytes = self.memory()?.shared(pointer, length)?;
        self.copy_budget =
            self.copy_budget
                .checked_sub(bytes.len())
                .ok_or(BadValue::OverBudget {
                    bytes: length,
                    left: self.copy_budget,
                })?;
        make(bytes)
    }

    /// The next parameter.
    #[doc(hidden)]
    #[inline]
    pub fn parameter<T: FromGuest<'a>>(&mut self) -> wasmtime::Result<T> {
        let wasm = T::Wasm::read(&mut self.slots);
        let value = T::from_guest(wasm, self)?;
        self.made += 1;
        Ok(value)
    }

    /// The states that the function borrows: all of them, since they are borrowed once.
    #[doc(hidden)]
    #[inline]
    pub fn states<S: States>(&mut self) -> wasmtime::Result<S::Borrowed<'a>> {
        let states = S::borrow(mem::take(&mut self.states));
        if states.is_err() {
            self.entered = true;
        }
        states
    }

    /// Passes the function's result to the guest.
    #[doc(hidden)]
    #[inline]
    pub fn result<R: IntoGuest>(&mut self, result: R) -> wasmtime::Result<()> {
        self.entered = true;
        self.slots.next = 0;
        result.into_guest(self)?.write(&mut self.slots)
    }

    /// The parameter that could not be made, if the function has not been entered.
    pub(crate) fn failed_parameter(&self) -> Option<usize> {
        (!self.entered).then_some(self.made)
    }
}

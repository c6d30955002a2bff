//! One hostcall, as a shim sees it: the values that the guest passed, its memory, the host's
//! states.

use std::{marker::PhantomData, mem::MaybeUninit, ptr::NonNull};

use wasmtime::ValRaw;

use crate::{
    error::BadValue,
    memory::{GuestMemory, NoMemory},
    values::{CoreValues, FromGuest, GuestSize, IntoGuest},
};

/// The slots in which Wasmtime passes parameters and takes results.
pub struct Slots<'a> {
    first: NonNull<MaybeUninit<ValRaw>>,
    next: usize,
    parameters: usize,
    results: usize,
    raw: PhantomData<&'a mut [MaybeUninit<ValRaw>]>,
}

impl<'a> Slots<'a> {
    /// # Safety
    ///
    /// The first `parameters` of `raw` are initialized, and there are `results` of them at least.
    #[inline]
    pub(crate) unsafe fn new(
        raw: &'a mut [MaybeUninit<ValRaw>],
        parameters: usize,
        results: usize,
    ) -> Self {
        debug_assert!(raw.len() >= parameters.max(results));
        let first: NonNull<MaybeUninit<ValRaw>> = NonNull::from(raw).cast();
        // What a shim leaves unwritten, the guest must not read as it was.
        for index in parameters..results {
            // SAFETY: the caller says that there are `results` slots.
            let slot = unsafe { first.add(index) };
            // SAFETY: as above, and `raw` is to write to.
            unsafe { slot.cast().write(ValRaw::i64(0)) };
        }
        Self {
            first,
            next: 0,
            parameters,
            results,
            raw: PhantomData,
        }
    }

    /// The next parameter.
    ///
    /// The counts are constants where a shim is inlined, and so this checks nothing there.
    #[inline]
    pub(crate) fn take(&mut self) -> ValRaw {
        assert!(
            self.next < self.parameters,
            "a shim reads its parameters only"
        );
        // SAFETY: `new` was told that there are `parameters` slots, and this is one of them.
        let slot = unsafe { self.first.add(self.next) };
        self.next += 1;
        // SAFETY: `new` had the slots for `'a` and was told that this one is initialized; only
        // `put` writes to them, and it writes values.
        unsafe { slot.cast::<ValRaw>().read() }
    }

    /// The next result.
    #[inline]
    pub(crate) fn put(&mut self, value: ValRaw) {
        assert!(self.next < self.results, "a shim writes its results only");
        // SAFETY: `new` was told that there are `results` slots, and this is one of them.
        let slot = unsafe { self.first.add(self.next) };
        self.next += 1;
        // SAFETY: `new` had the slots for `'a`, to write to as well.
        unsafe { slot.cast::<ValRaw>().write(value) };
    }
}

/// One call of a host function by a guest, for the time `'a`.
///
/// A [`FromGuest`] implementation gets it to borrow from the guest's memory.
pub struct Call<'a> {
    slots: Slots<'a>,
    /// If a parameter's type uses it.
    memory: Option<GuestMemory<'a>>,
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
        memory: Option<GuestMemory<'a>>,
        copy_budget: usize,
    ) -> Self {
        Self {
            slots,
            memory,
            copy_budget,
            made: 0,
            entered: false,
        }
    }

    /// A call whose function has had the whole store, and whose parameters are behind.
    pub(crate) fn without_store(slots: Slots<'a>) -> Self {
        Self {
            slots,
            memory: None,
            copy_budget: 0,
            made: 0,
            entered: true,
        }
    }

    /// The guest's memory.
    ///
    /// # Errors
    ///
    /// [`BadValue::NoMemory`] if no parameter of the function has [`FromGuest::MEMORY`] set.
    #[inline]
    pub fn memory(&mut self) -> Result<&mut GuestMemory<'a>, BadValue> {
        match &mut self.memory {
            Some(memory) => Ok(memory),
            None => Err(not_asked()),
        }
    }

    /// Makes an owned value of `length` bytes from `pointer` on, after they have been checked
    /// against the memory and the call's copy budget.
    ///
    /// # Errors
    ///
    /// Those of [`GuestMemory::view`], [`BadValue::OverBudget`], and those of `make`.
    #[inline]
    pub fn copy<R>(
        &mut self,
        pointer: GuestSize,
        length: u64,
        make: impl FnOnce(&[u8]) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let left = self.copy_budget;
        let bytes = self.memory()?.view(pointer, length)?;
        let rest = left.checked_sub(bytes.len()).ok_or(BadValue::OverBudget {
            bytes: length,
            left,
        })?;
        let value = make(bytes)?;
        self.copy_budget = rest;
        Ok(value)
    }

    /// The next parameter.
    #[inline]
    pub(crate) fn parameter<T: FromGuest<'a>>(&mut self) -> wasmtime::Result<T> {
        let wasm = T::Wasm::read(&mut self.slots);
        let value = T::from_guest(wasm, self)?;
        self.made += 1;
        Ok(value)
    }

    /// Passes the function's result to the guest.
    #[inline]
    pub(crate) fn result<R: IntoGuest>(&mut self, result: R) -> wasmtime::Result<()> {
        self.entered = true;
        self.slots.next = 0;
        result.into_guest(self)?.write(&mut self.slots)
    }

    /// The parameter that could not be made, if the function has not been entered.
    pub(crate) fn failed_parameter(&self) -> Option<usize> {
        (!self.entered).then_some(self.made)
    }
}

#[cold]
fn not_asked() -> BadValue {
    BadValue::NoMemory(NoMemory::NotAsked)
}

//! One hostcall, as a shim sees it: the values that the guest passed, its memory, the host's
//! states.

use std::{marker::PhantomData, mem::MaybeUninit, ptr::NonNull};

use wasmtime::ValRaw;

use crate::{
    error::{BadValue, Culprit},
    memory::{self, GuestMemory, NoMemory},
    outside::{Outside, Reference},
    room::Room,
    state::Limits,
    values::{CoreResults, CoreValues, FromGuest, GuestSize, IntoGuest, ReturnPointerAt, Width},
};

/// Where the slots of a call begin.
#[doc(hidden)]
pub struct Raw<'a> {
    first: NonNull<MaybeUninit<ValRaw>>,
    raw: PhantomData<&'a mut [MaybeUninit<ValRaw>]>,
}

impl<'a> From<&'a mut [MaybeUninit<ValRaw>]> for Raw<'a> {
    #[inline]
    fn from(raw: &'a mut [MaybeUninit<ValRaw>]) -> Self {
        Self {
            first: NonNull::from(raw).cast(),
            raw: PhantomData,
        }
    }
}

impl Raw<'_> {
    /// The same slots, for less time.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Raw<'_> {
        Raw {
            first: self.first,
            raw: PhantomData,
        }
    }
}

/// The slots in which Wasmtime passes parameters and takes results.
pub struct Slots<'a> {
    first: NonNull<MaybeUninit<ValRaw>>,
    next: usize,
    parameters: usize,
    results: usize,
    width: Width,
    /// What is no number, if the function takes or returns that.
    outside: Option<&'a mut Outside>,
}

impl<'a> Slots<'a> {
    /// # Safety
    ///
    /// The first `parameters` of `raw` are initialized, and there are `results` of them at least.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is an exclusive reference"
    )]
    #[inline]
    pub(crate) unsafe fn new(
        raw: Raw<'a>,
        parameters: usize,
        results: usize,
        width: Width,
        outside: Option<&'a mut Outside>,
    ) -> Self {
        let first = raw.first;
        // What a shim leaves unwritten, the guest must not read as it was.
        for index in parameters..results {
            // SAFETY: the caller says that there are `results` slots.
            let slot = unsafe { first.add(index) };
            // SAFETY: as above, and `raw` is to write to.
            unsafe { slot.cast().write(ValRaw::v128(0)) };
        }
        Self {
            first,
            next: 0,
            parameters,
            results,
            width,
            outside,
        }
    }

    /// How wide a size is.
    #[inline]
    pub(crate) fn width(&self) -> Width {
        self.width
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

    /// Leaves a parameter out.
    #[inline]
    pub(crate) fn skip(&mut self) {
        self.next += 1;
    }

    /// The parameter that says where the result goes.
    pub(crate) fn return_pointer(&self, at: ReturnPointerAt) -> GuestSize {
        let index = match at {
            ReturnPointerAt::Last => self.parameters.wrapping_sub(1),
            ReturnPointerAt::First | ReturnPointerAt::None => 0,
        };
        assert!(index < self.parameters, "a shim reads its parameters only");
        // SAFETY: `new` was told that there are `parameters` slots, and this is one of them.
        let slot = unsafe { self.first.add(index) };
        // SAFETY: `new` was told that it is initialized, and only values are written.
        let raw = unsafe { slot.cast::<ValRaw>().read() };
        self.width.size(raw)
    }

    /// The next `count` results, in which goes what has its place in the guest's memory.
    pub(crate) fn put_room(&mut self, count: usize, room: Room) {
        let slot = self.next;
        assert!(
            slot + count <= self.results,
            "a shim writes its results only"
        );
        let outside = self.outside.as_mut();
        let outside = outside.expect("a shim writes its results only");
        outside.put_room(slot, room);
        self.next += count;
    }

    /// The next parameter, a reference.
    pub(crate) fn take_reference(&mut self) -> Reference {
        self.next += 1;
        let outside = self.outside.as_mut();
        outside
            .and_then(|outside| outside.take())
            .expect("a shim reads its parameters only")
    }

    /// The next result, a reference.
    pub(crate) fn put_reference(&mut self, reference: Reference) {
        assert!(self.next < self.results, "a shim writes its results only");
        let outside = self.outside.as_mut();
        let outside = outside.expect("a shim writes its results only");
        outside.put(self.next, reference);
        self.next += 1;
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

/// One call of a host function as a shim sees it: the slots, and the [`Call`] by which values are made.
///
/// A type of the user's gets the [`Call`] alone, so that only a shim reads and writes slots.
#[doc(hidden)]
pub struct Hostcall<'a> {
    slots: Slots<'a>,
    call: Call<'a>,
    /// How many parameters have been made of what the guest passed.
    made: usize,
    /// Whether the parameters are behind: what fails now is the function itself.
    entered: bool,
}

impl<'a> Hostcall<'a> {
    #[inline]
    pub(crate) fn new(slots: Slots<'a>, memory: Option<GuestMemory<'a>>, limits: Limits) -> Self {
        Self {
            call: Call {
                memory,
                width: slots.width(),
                return_pointer: GuestSize(0),
                copy_budget: limits.copy_budget,
                text_limit: limits.text_limit,
                list_limit: limits.list_limit,
            },
            slots,
            made: 0,
            entered: false,
        }
    }

    /// A call whose function has had the whole store, and whose parameters are behind.
    pub(crate) fn without_store(slots: Slots<'a>, copy_budget: usize) -> Self {
        Self {
            entered: true,
            ..Self::new(slots, None, Limits::of_result(copy_budget))
        }
    }

    /// The next parameter.
    #[inline]
    pub(crate) fn parameter<T: FromGuest<'a>>(&mut self) -> wasmtime::Result<T> {
        assert!(!self.entered, "results come after the parameters");
        let wasm = T::Wasm::read(&mut self.slots);
        let value = T::from_guest(wasm, &mut self.call)?;
        self.made += 1;
        Ok(value)
    }

    /// Passes the function's result to the guest.
    #[inline]
    pub(crate) fn result<R: IntoGuest>(&mut self, result: R) -> wasmtime::Result<()> {
        self.entered = true;
        let returns = <R::Wasm as CoreResults>::RETURN_POINTER;
        if !matches!(returns, ReturnPointerAt::None) {
            self.call.return_pointer = self.slots.return_pointer(returns);
        }
        let wasm = result.into_guest(&mut self.call)?;
        self.slots.next = 0;
        if let Some(outside) = &mut self.slots.outside {
            outside.set_budget(self.call.copy_budget);
        }
        wasm.write(&mut self.slots)
    }

    /// What is left of the copy budget.
    pub(crate) fn budget(&self) -> usize {
        self.call.budget()
    }

    /// The parameters as they were passed.
    #[inline]
    pub(crate) fn passed(&self) -> Passed {
        Passed {
            first: self.slots.first,
            parameters: self.slots.parameters,
            width: self.slots.width,
        }
    }

    /// What the call fails by now: the parameter that could not be made, if the function has not been
    /// entered.
    #[inline]
    pub(crate) fn culprit(&self) -> Culprit {
        if self.entered {
            Culprit::Function
        } else {
            Culprit::Parameter(self.made)
        }
    }
}

/// The parameters of a call as they were passed, to find the one that an error is about.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    first: NonNull<MaybeUninit<ValRaw>>,
    parameters: usize,
    width: Width,
}

impl Passed {
    /// The parameter at `index`, which is a size.
    ///
    /// # Safety
    ///
    /// It is asked before the slots go, and before a result is written.
    pub(crate) unsafe fn size(self, index: usize) -> Option<GuestSize> {
        if index >= self.parameters {
            return None;
        }
        // SAFETY: `Slots::new` was told that there are `parameters` slots, and this is one of them.
        let slot = unsafe { self.first.add(index) };
        // SAFETY: `Slots::new` was told that they are initialized, and the caller says that they still are.
        let raw = unsafe { slot.cast::<ValRaw>().read() };
        Some(self.width.size(raw))
    }
}

/// One call of a host function by a guest, for the time `'a`.
///
/// A [`FromGuest`] implementation gets it to borrow from the guest's memory.
pub struct Call<'a> {
    /// If a parameter's type uses it.
    memory: Option<GuestMemory<'a>>,
    width: Width,
    /// Where the guest wants the result, if the result's type says that it is told.
    return_pointer: GuestSize,
    copy_budget: usize,
    text_limit: usize,
    list_limit: usize,
}

impl<'a> Call<'a> {
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
        let memory = self.memory()?;
        if memory.is_of_threads() {
            return self.copy_twice(pointer, length, make);
        }
        let bytes = memory.view(pointer, length)?;
        let rest = after(left, length)?;
        let value = make(bytes)?;
        self.copy_budget = rest;
        Ok(value)
    }

    /// What other threads may change meanwhile must be copied before it is looked at.
    #[cold]
    fn copy_twice<R>(
        &mut self,
        pointer: GuestSize,
        length: u64,
        make: impl FnOnce(&[u8]) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let memory = self.memory()?;
        let size = memory::range(pointer, length, memory.size())?.len();
        self.copy_budget = after(self.copy_budget, length)?;
        // In words, for plain data of that alignment may be made of them.
        let mut words = vec![0_u128; size.div_ceil(size_of::<u128>())];
        let bytes = &mut bytemuck::cast_slice_mut(&mut words)[..size];
        self.memory()?.read(pointer, bytes)?;
        make(bytes)
    }

    /// Takes `bytes` of the call's copy budget.
    pub(crate) fn charge(&mut self, bytes: u64) -> Result<(), BadValue> {
        self.copy_budget = after(self.copy_budget, bytes)?;
        Ok(())
    }

    /// How many bytes text without a length may have, with its NUL.
    pub(crate) fn text_limit(&self) -> usize {
        self.text_limit
    }

    /// Checks that a list of slices is in the memory, and may have so many entries.
    pub(crate) fn check_list(&mut self, at: GuestSize, entries: u64) -> Result<(), BadValue> {
        let length = entries.saturating_mul(self.slice_size());
        memory::range(at, length, self.memory()?.size())?;
        let limit = self.list_limit;
        if entries > limit as u64 {
            return Err(BadValue::ListTooLong { entries, limit });
        }
        Ok(())
    }

    /// What is left of the copy budget.
    pub(crate) fn budget(&self) -> usize {
        self.copy_budget
    }

    /// How many bytes a pointer and a length take in the guest's memory.
    pub(crate) fn slice_size(&self) -> u64 {
        match self.width {
            Width::Narrow => 8,
            Width::Wide => 16,
        }
    }

    /// Where the guest wants the result.
    pub(crate) fn return_pointer(&self) -> GuestSize {
        self.return_pointer
    }

    /// The pointer and the length that are at `pointer`.
    pub(crate) fn read_slice(
        &mut self,
        pointer: GuestSize,
    ) -> Result<(GuestSize, GuestSize), BadValue> {
        let width = self.width;
        let memory = self.memory()?;
        Ok(match width {
            Width::Narrow => {
                let mut pair = [0_u32; 2];
                memory.read(pointer, bytemuck::bytes_of_mut(&mut pair))?;
                (pair[0].into(), pair[1].into())
            }
            Width::Wide => {
                let mut pair = [0_u64; 2];
                memory.read(pointer, bytemuck::bytes_of_mut(&mut pair))?;
                (GuestSize(pair[0]), GuestSize(pair[1]))
            }
        })
    }
}

/// What is left of a copy budget after `bytes` of it.
#[inline]
pub(crate) fn after(left: usize, bytes: u64) -> Result<usize, BadValue> {
    let rest = usize::try_from(bytes)
        .ok()
        .and_then(|b| left.checked_sub(b));
    rest.ok_or(BadValue::OverBudget { bytes, left })
}

#[cold]
fn not_asked() -> BadValue {
    BadValue::NoMemory(NoMemory::NotAsked)
}

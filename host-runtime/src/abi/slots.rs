//! The slots in which Wasmtime passes parameters and takes results.

use std::{marker::PhantomData, mem::MaybeUninit, ptr::NonNull};

use wasmtime::ValRaw;

use crate::abi::{
    AddressType, CallReferences, DeferredWrite, GuestSize, Reference, ReturnPointerAt,
};

/// The slots of a call, without their number. Debug builds know the number, to check it.
#[doc(hidden)]
pub struct Raw<'a> {
    first: NonNull<MaybeUninit<ValRaw>>,
    #[cfg(debug_assertions)]
    length: usize,
    slots: PhantomData<&'a mut [MaybeUninit<ValRaw>]>,
}

impl<'a> From<&'a mut [MaybeUninit<ValRaw>]> for Raw<'a> {
    #[inline]
    fn from(raw: &'a mut [MaybeUninit<ValRaw>]) -> Self {
        Self {
            #[cfg(debug_assertions)]
            length: raw.len(),
            first: NonNull::from(raw).cast(),
            slots: PhantomData,
        }
    }
}

impl Raw<'_> {
    /// The first of the slots.
    #[inline]
    pub(crate) fn first(&self) -> NonNull<MaybeUninit<ValRaw>> {
        self.first
    }

    /// Reborrows the slots.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Raw<'_> {
        Raw {
            slots: PhantomData,
            ..*self
        }
    }

    /// Checks in debug builds that there are so many slots.
    #[inline]
    pub(crate) fn debug_assert_length(&self, count: usize) {
        #[cfg(debug_assertions)]
        assert!(count <= self.length, "{count} of {} slots", self.length);
        #[cfg(not(debug_assertions))]
        let _ = count;
    }
}

/// The slots in which Wasmtime passes parameters and takes results.
pub struct Slots<'a> {
    first: NonNull<MaybeUninit<ValRaw>>,
    next: usize,
    parameters: usize,
    results: usize,
    address_type: AddressType,
    /// The references and deferred writes, if the function has some.
    references: Option<&'a mut CallReferences>,
}

impl<'a> Slots<'a> {
    /// # Safety
    ///
    /// `raw` points to slots that are exclusively borrowed for `'a`. There are at least
    /// `parameters` and at least `results` of them, and the first `parameters` are initialized.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is an exclusive reference"
    )]
    #[inline]
    pub(crate) unsafe fn new(
        raw: Raw<'a>,
        parameters: usize,
        results: usize,
        address_type: AddressType,
        references: Option<&'a mut CallReferences>,
    ) -> Self {
        raw.debug_assert_length(parameters.max(results));
        let first = raw.first;
        // The guest must not read a slot that the shim leaves unwritten.
        for index in parameters..results {
            // SAFETY: there are `results` slots, as the contract of this function has it.
            let slot = unsafe { first.add(index) };
            // SAFETY: the slot is one of `raw`, which is an exclusive reference.
            unsafe { slot.cast().write(ValRaw::v128(0)) };
        }
        Self {
            first,
            next: 0,
            parameters,
            results,
            address_type,
            references,
        }
    }

    /// The parameters as they were passed.
    #[inline]
    pub(crate) fn passed(&self) -> Passed<'a> {
        Passed {
            first: self.first,
            parameters: self.parameters,
            address_type: self.address_type,
            slots: PhantomData,
        }
    }

    /// Goes back to the first slot, for the results.
    #[inline]
    pub(crate) fn rewind(&mut self) {
        self.next = 0;
    }

    /// Sets the rest of the copy budget, for results that are written after the call.
    #[inline]
    pub(crate) fn set_budget(&mut self, left: usize) {
        if let Some(references) = &mut self.references {
            references.set_budget(left);
        }
    }

    /// The address type of the guest.
    #[inline]
    pub(crate) fn address_type(&self) -> AddressType {
        self.address_type
    }

    /// The next parameter.
    ///
    /// The counts are constants where a shim is inlined, so the check costs nothing there.
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

    /// Skips a parameter.
    #[inline]
    pub(crate) fn skip(&mut self) {
        self.next += 1;
    }

    /// The return pointer.
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
        self.address_type.size(raw)
    }

    /// Defers the next `count` results: they tell the guest the address of a deferred write.
    pub(crate) fn put_deferred(&mut self, count: usize, write: DeferredWrite) {
        let slot = self.next;
        assert!(
            slot + count <= self.results,
            "a shim writes its results only"
        );
        let references = self.references.as_mut();
        let references = references.expect("a shim writes its results only");
        references.put_deferred(slot, write);
        self.next += count;
    }

    /// The next parameter, a reference.
    pub(crate) fn take_reference(&mut self) -> Reference {
        self.next += 1;
        let references = self.references.as_mut();
        references
            .and_then(|references| references.take())
            .expect("a shim reads its parameters only")
    }

    /// The next result, a reference.
    pub(crate) fn put_reference(&mut self, reference: Reference) {
        assert!(self.next < self.results, "a shim writes its results only");
        let references = self.references.as_mut();
        let references = references.expect("a shim writes its results only");
        references.put(self.next, reference);
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

/// The parameters of a call as they were passed, to find the one that an error is about.
#[derive(Clone, Copy)]
pub(crate) struct Passed<'a> {
    first: NonNull<MaybeUninit<ValRaw>>,
    parameters: usize,
    address_type: AddressType,
    slots: PhantomData<&'a [MaybeUninit<ValRaw>]>,
}

impl Passed<'_> {
    /// The parameter at `index` as a size, unless a result has been written over it.
    pub(crate) fn size(self, index: usize) -> Option<GuestSize> {
        if index >= self.parameters {
            return None;
        }
        // SAFETY: `Slots::new` was told that there are `parameters` slots for `'a`, and this is one
        // of them.
        let slot = unsafe { self.first.add(index) };
        // SAFETY: `Slots::new` was told that it is initialized, and only values are written since.
        let raw = unsafe { slot.cast::<ValRaw>().read() };
        Some(self.address_type.size(raw))
    }
}

//! One hostcall: the slots, the guest's memory and the copy budget.

use smallvec::SmallVec;

use crate::{
    abi::{AddressType, Allocation, Allocator, Deallocator, GuestSize, Passed, Slots},
    error::{FailedAt, NoMemoryError, ValueError},
    memory::{self, GuestMemory},
    store::Limits,
};

/// One call of a host function as a shim sees it: the slots, and the [`Call`] by which values are
/// made.
///
/// A type of the user's gets the [`Call`] alone, so that only a shim reads and writes slots.
#[doc(hidden)]
pub struct Hostcall<'a> {
    pub(crate) slots: Slots<'a>,
    pub(crate) call: Call<'a>,
    /// The number of parameters that are converted.
    pub(crate) made: usize,
    /// True once all parameters are converted; later errors belong to the function.
    pub(crate) entered: bool,
}

impl<'a> Hostcall<'a> {
    #[inline]
    pub(crate) fn new(slots: Slots<'a>, memory: Option<GuestMemory<'a>>, limits: Limits) -> Self {
        Self {
            call: Call::new(memory, slots.address_type(), limits, Direction::IntoHost),
            slots,
            made: 0,
            entered: false,
        }
    }

    /// A call whose function had the whole store, after its parameters are converted.
    #[inline]
    pub(crate) fn without_store(slots: Slots<'a>, copy_budget: usize) -> Self {
        Self {
            entered: true,
            ..Self::new(slots, None, Limits::of_result(copy_budget))
        }
    }

    /// The rest of the copy budget.
    pub(crate) fn budget(&self) -> usize {
        self.call.budget()
    }

    /// The parameters as they were passed.
    #[inline]
    pub(crate) fn passed(&self) -> Passed<'a> {
        self.slots.passed()
    }

    /// The part of the call that fails if there is an error now.
    #[inline]
    pub(crate) fn failed_at(&self) -> FailedAt {
        if self.entered {
            FailedAt::Function
        } else {
            FailedAt::Parameter(self.made)
        }
    }
}

/// One call between a guest and the host, for the time `'a`.
///
/// A [`FromGuest`](crate::FromGuest) implementation gets it to borrow from the guest's memory.
pub struct Call<'a> {
    /// `None` if no parameter uses memory.
    memory: Option<GuestMemory<'a>>,
    address_type: AddressType,
    /// The return pointer, if the type of the result has one.
    return_pointer: GuestSize,
    copy_budget: usize,
    text_limit: usize,
    list_limit: usize,
    direction: Direction<'a>,
}

/// Who calls whom.
pub(crate) enum Direction<'a> {
    /// The guest calls a host function.
    IntoHost,
    /// The host calls a function of the guest, and passes its arguments.
    IntoGuest(&'a mut dyn PlaceArguments),
    /// The host called a function of the guest, and gets its result.
    OutOfGuest(&'a mut Releases),
}

/// Writes arguments to memory that the guest allocates.
pub(crate) trait PlaceArguments {
    /// Returns the pointer to the bytes. They are freed after the call, unless the guest does that.
    fn place(
        &mut self,
        bytes: &[u8],
        align: GuestSize,
        by: &'static Deallocator,
    ) -> wasmtime::Result<GuestSize>;
}

/// What the host frees or unpins after a call.
pub(crate) type Releases = SmallVec<[Release; 2]>;

/// Memory of the guest that the host gives up after a call.
pub(crate) enum Release {
    Free(Allocation, &'static Deallocator),
    Unpin(GuestSize, &'static Allocator),
}

impl<'a> Call<'a> {
    #[inline]
    pub(crate) fn new(
        memory: Option<GuestMemory<'a>>,
        address_type: AddressType,
        limits: Limits,
        direction: Direction<'a>,
    ) -> Self {
        Self {
            memory,
            address_type,
            return_pointer: GuestSize(0),
            copy_budget: limits.copy_budget,
            text_limit: limits.text_limit,
            list_limit: limits.list_limit,
            direction,
        }
    }

    /// Writes an argument of a guest's function to memory that the guest allocates.
    pub(crate) fn place(
        &mut self,
        bytes: &[u8],
        align: usize,
        by: &'static Deallocator,
    ) -> wasmtime::Result<GuestSize> {
        match &mut self.direction {
            Direction::IntoGuest(placer) => placer.place(bytes, align.into(), by),
            _ => wasmtime::bail!("only arguments of a guest's functions are placed in its memory"),
        }
    }

    /// Has the guest free the memory of a result after the result has been read.
    pub(crate) fn release(&mut self, allocation: Allocation, by: &'static Deallocator) {
        if let Direction::OutOfGuest(releases) = &mut self.direction {
            releases.push(Release::Free(allocation, by));
        }
    }

    /// The address type of the guest.
    pub(crate) fn address_type(&self) -> AddressType {
        self.address_type
    }

    /// The guest's memory.
    ///
    /// # Errors
    ///
    /// [`ValueError::NoMemory`] if no parameter of the function has
    /// [`FromGuest::MEMORY`](crate::FromGuest::MEMORY) set.
    #[inline]
    pub fn memory(&mut self) -> Result<&mut GuestMemory<'a>, ValueError> {
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
    /// Those of [`GuestMemory::view`], [`ValueError::OverBudget`], and those of `make`.
    #[inline]
    pub fn copy<R>(
        &mut self,
        pointer: GuestSize,
        length: u64,
        make: impl FnOnce(&[u8]) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let left = self.copy_budget;
        let memory = self.memory()?;
        if memory.is_shared() {
            return self.copy_twice(pointer, length, make);
        }
        let bytes = memory.view(pointer, length)?;
        let rest = deduct(left, length)?;
        let value = make(bytes)?;
        self.copy_budget = rest;
        Ok(value)
    }

    /// Copies the bytes first, because other threads may change them.
    #[cold]
    fn copy_twice<R>(
        &mut self,
        pointer: GuestSize,
        length: u64,
        make: impl FnOnce(&[u8]) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let memory = self.memory()?;
        let size = memory::range(pointer, length, memory.size())?.len();
        self.copy_budget = deduct(self.copy_budget, length)?;
        // In words, for plain data of that alignment may be made of them.
        let mut words = vec![0_u128; size.div_ceil(size_of::<u128>())];
        let bytes = &mut bytemuck::cast_slice_mut(&mut words)[..size];
        self.memory()?.read(pointer, bytes)?;
        make(bytes)
    }

    /// Takes `bytes` of the call's copy budget.
    pub(crate) fn charge(&mut self, bytes: u64) -> Result<(), ValueError> {
        self.copy_budget = deduct(self.copy_budget, bytes)?;
        Ok(())
    }

    /// The limit of text without a length in bytes, with its NUL.
    pub(crate) fn text_limit(&self) -> usize {
        self.text_limit
    }

    /// Checks that a list of slices is within the memory and the limit.
    pub(crate) fn check_list(&mut self, at: GuestSize, entries: u64) -> Result<(), ValueError> {
        let length = entries.saturating_mul(self.slice_size());
        memory::range(at, length, self.memory()?.size())?;
        let limit = self.list_limit;
        if entries > limit as u64 {
            return Err(ValueError::ListTooLong { entries, limit });
        }
        Ok(())
    }

    /// The rest of the copy budget.
    pub(crate) fn budget(&self) -> usize {
        self.copy_budget
    }

    /// The size of a pointer and a length in guest memory.
    pub(crate) fn slice_size(&self) -> u64 {
        match self.address_type {
            AddressType::I32 => 8,
            AddressType::I64 => 16,
        }
    }

    /// Sets the return pointer.
    #[inline]
    pub(crate) fn set_return_pointer(&mut self, pointer: GuestSize) {
        self.return_pointer = pointer;
    }

    /// The return pointer.
    pub(crate) fn return_pointer(&self) -> GuestSize {
        self.return_pointer
    }

    /// Reads the pointer and the length at `pointer`.
    pub(crate) fn read_slice(
        &mut self,
        pointer: GuestSize,
    ) -> Result<(GuestSize, GuestSize), ValueError> {
        let address_type = self.address_type;
        let memory = self.memory()?;
        Ok(match address_type {
            AddressType::I32 => {
                let mut pair = [0_u32; 2];
                memory.read(pointer, bytemuck::bytes_of_mut(&mut pair))?;
                (pair[0].into(), pair[1].into())
            }
            AddressType::I64 => {
                let mut pair = [0_u64; 2];
                memory.read(pointer, bytemuck::bytes_of_mut(&mut pair))?;
                (GuestSize(pair[0]), GuestSize(pair[1]))
            }
        })
    }
}

/// The rest of a copy budget after `bytes` of it.
#[inline]
pub(crate) fn deduct(left: usize, bytes: u64) -> Result<usize, ValueError> {
    let rest = usize::try_from(bytes)
        .ok()
        .and_then(|b| left.checked_sub(b));
    rest.ok_or(ValueError::OverBudget { bytes, left })
}

#[cold]
fn not_asked() -> ValueError {
    ValueError::NoMemory(NoMemoryError::NotAsked)
}

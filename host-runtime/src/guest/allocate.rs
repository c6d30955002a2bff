//! Allocates and frees memory of a guest, by functions that it exports.

use std::{any::TypeId, ops::Range};

use wasmtime::Extern;

use crate::{
    abi::{
        Allocation, Allocator, CoreResults, CoreTypes, CoreValues, Deallocator, GuestSize, Slots,
    },
    call::{Release, Releases},
    convert::{GuestAllocator, GuestDeallocator},
    error::{AllocationError, NoMemoryError, ValueError},
    guest::Guest,
    memory,
    store::{AllocatorRole, CallType, CheckedFunc, GuestCall},
};

/// One function of a guest's allocator.
struct AllocatorFunc {
    id: TypeId,
    role: AllocatorRole,
    export: &'static str,
    params: &'static CoreTypes,
    results: &'static CoreTypes,
}

const SIZE: &CoreTypes = &<GuestSize as CoreResults>::TYPES;
const NOTHING: &CoreTypes = &<() as CoreResults>::TYPES;

impl AllocatorFunc {
    #[inline]
    fn allocate(allocator: &Allocator) -> Self {
        Self {
            id: allocator.id,
            role: AllocatorRole::Allocate,
            export: allocator.export,
            params: allocator.params,
            results: SIZE,
        }
    }

    #[inline]
    fn free(by: &Deallocator) -> Self {
        Self {
            id: by.allocator.id,
            role: AllocatorRole::Free,
            export: by.export,
            params: by.params,
            results: NOTHING,
        }
    }

    fn pin(allocator: &Allocator, export: &'static str) -> Self {
        Self {
            id: allocator.id,
            role: AllocatorRole::Pin,
            export,
            params: SIZE,
            results: SIZE,
        }
    }

    fn unpin(allocator: &Allocator, export: &'static str) -> Self {
        Self {
            results: NOTHING,
            role: AllocatorRole::Unpin,
            ..Self::pin(allocator, export)
        }
    }
}

impl Guest<'_> {
    /// Writes bytes to memory that the guest allocates, and returns the pointer to them.
    ///
    /// The memory belongs to the guest from then on. [`free`](Self::free) frees it.
    ///
    /// ```
    /// use host_runtime::{Guest, GuestSize, values::Malloc, wasm_import};
    ///
    /// /// Text with a NUL after it, for the guest to free.
    /// #[wasm_import]
    /// fn name(mut guest: Guest<'_>) -> anyhow::Result<GuestSize> {
    ///     guest.put::<Malloc>(b"name\0")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`allocate`](Self::allocate).
    pub fn put<A: GuestAllocator>(&mut self, bytes: &[u8]) -> anyhow::Result<GuestSize> {
        let size = GuestSize(bytes.len().max(1) as u64);
        let pointer = self.allocate::<A>(size, GuestSize(1))?;
        self.write(pointer, bytes)?;
        Ok(pointer)
    }

    /// Frees memory that the guest has allocated.
    ///
    /// # Errors
    ///
    /// [`AllocationError`] if there is no such function; a trap of the function.
    pub fn free<A: GuestDeallocator>(&mut self, memory: Allocation) -> anyhow::Result<()> {
        Ok(self.free_by(Deallocator::of::<A>(), memory)?)
    }

    /// Allocates in the guest's memory, by a function that the guest exports.
    ///
    /// ```
    /// use host_runtime::{Guest, GuestSize, values::Malloc, wasm_import};
    ///
    /// /// Text with a NUL after it, for the guest to free.
    /// #[wasm_import]
    /// fn name(mut guest: Guest<'_>) -> anyhow::Result<GuestSize> {
    ///     let pointer = guest.allocate::<Malloc>(GuestSize(5), GuestSize(1))?;
    ///     guest.write(pointer, b"name\0")?;
    ///     Ok(pointer)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AllocationError`] if there is no such function or it fails; [`ValueError::NoMemory`] if
    /// there is no memory; a trap of the function.
    pub fn allocate<A: GuestAllocator>(
        &mut self,
        size: GuestSize,
        align: GuestSize,
    ) -> anyhow::Result<GuestSize> {
        Ok(self.allocate_by(Allocator::of::<A>(), size, align)?)
    }

    /// Allocates by an allocator that is given as a value.
    pub(crate) fn allocate_by(
        &mut self,
        allocator: &Allocator,
        size: GuestSize,
        align: GuestSize,
    ) -> wasmtime::Result<GuestSize> {
        if let Some(made) = self.access.reserve(size.0, align.0) {
            return made;
        }
        let made = self.call_to_allocate(allocator, size, align)?;
        let memory = self.memory_size()?;
        check(allocator, made, size, align, memory)?;
        Ok(made)
    }

    /// Writes an argument to memory that the guest allocates. `releases` gets what is given up
    /// after the call.
    pub(super) fn place(
        &mut self,
        bytes: &[u8],
        align: GuestSize,
        by: &'static Deallocator,
        releases: &mut Releases,
    ) -> wasmtime::Result<GuestSize> {
        // Request at least one byte: an allocator may return null for zero, and null means `None`.
        let size = GuestSize(bytes.len().max(1) as u64);
        let pointer = self.call_to_allocate(by.allocator, size, align)?;
        let memory = match self.access.memory() {
            Ok((memory, _)) => memory,
            Err(reason) => return Err(ValueError::NoMemory(*reason).into()),
        };
        let range = check(by.allocator, pointer, size, align, memory.size())?;
        if !by.guest_frees_arguments {
            let memory = Allocation {
                pointer,
                size,
                align,
            };
            releases.push(Release::Free(memory, by));
        }
        if by.allocator.pins.is_some() || memory.is_shared() {
            self.pin(pointer, by.allocator, releases)?;
            self.write(pointer, bytes)?;
            return Ok(pointer);
        }
        memory.bytes()?[range][..bytes.len()].copy_from_slice(bytes);
        Ok(pointer)
    }

    /// Calls the function that allocates. What it returns is not checked.
    #[inline]
    fn call_to_allocate(
        &mut self,
        allocator: &Allocator,
        size: GuestSize,
        align: GuestSize,
    ) -> wasmtime::Result<GuestSize> {
        let align = align.max(GuestSize(1));
        let func = AllocatorFunc::allocate(allocator);
        let mut made = GuestSize(0);
        let pass = |slots: &mut Slots<'_>| (allocator.pass)(size, align, slots);
        self.call_allocator(&func, pass, |slots| made = GuestSize::read(slots))?;
        Ok(made)
    }

    /// Frees memory by a function that is given as a value.
    pub(super) fn free_by(
        &mut self,
        by: &'static Deallocator,
        memory: Allocation,
    ) -> wasmtime::Result<()> {
        if self.access.reserve(0, 1).is_some() {
            // A mock guest has no allocator.
            return Ok(());
        }
        self.call_allocator(
            &AllocatorFunc::free(by),
            |slots| (by.pass)(memory, slots),
            |_| {},
        )
    }

    /// Keeps an object alive until `releases` are given up, if the guest collects garbage.
    pub(super) fn pin(
        &mut self,
        pointer: GuestSize,
        allocator: &'static Allocator,
        releases: &mut Releases,
    ) -> wasmtime::Result<()> {
        let Some(pins) = allocator.pins else {
            return Ok(());
        };
        self.call_allocator(
            &AllocatorFunc::pin(allocator, pins.pin),
            |slots| pointer.write(slots),
            |_| {},
        )?;
        releases.push(Release::Unpin(pointer, allocator));
        Ok(())
    }

    pub(super) fn unpin(
        &mut self,
        pointer: GuestSize,
        allocator: &'static Allocator,
    ) -> wasmtime::Result<()> {
        let Some(pins) = allocator.pins else {
            return Ok(());
        };
        self.call_allocator(
            &AllocatorFunc::unpin(allocator, pins.unpin),
            |slots| pointer.write(slots),
            |_| {},
        )
    }

    /// Calls a function of the guest's allocator.
    #[inline]
    fn call_allocator(
        &mut self,
        wanted: &AllocatorFunc,
        pass: impl FnOnce(&mut Slots<'_>) -> wasmtime::Result<()>,
        returned: impl FnOnce(&mut Slots<'_>),
    ) -> wasmtime::Result<()> {
        // The type depends on the address type of the memory that the host function names.
        let id = (wanted.id, wanted.role, self.address_type);
        // The two ways are apart: where they meet, a copy of the function would stall the
        // processor.
        if let Some(known) = self.host().guests().allocator(id) {
            let func = *known;
            return self.call_found(&func, pass, returned);
        }
        let func = self.look_up_allocator(wanted)?;
        self.call_found(&func, pass, returned)
    }

    #[inline]
    fn call_found(
        &mut self,
        func: &CheckedFunc,
        pass: impl FnOnce(&mut Slots<'_>) -> wasmtime::Result<()>,
        returned: impl FnOnce(&mut Slots<'_>),
    ) -> wasmtime::Result<()> {
        let mut call = GuestCall::new(func, func.ty());
        pass(&mut call.parameters(func.ty(), None))?;
        self.access.call(self.budget, &mut call)?;
        returned(&mut call.results(None));
        Ok(())
    }

    /// Looks up a function of the guest's allocator and checks its type.
    #[cold]
    fn look_up_allocator(&mut self, wanted: &AllocatorFunc) -> wasmtime::Result<CheckedFunc> {
        let export = wanted.export;
        let func = self.access.export(export).and_then(Extern::into_func);
        let Some(func) = func else {
            // If the host itself has called, there is no guest that could export it.
            if let Err(ValueError::NoMemory(NoMemoryError::NoGuest)) = self.memory(|_| ()) {
                return Err(ValueError::NoMemory(NoMemoryError::NoGuest).into());
            }
            return Err(AllocationError::NoExport { export }.into());
        };
        let ty = CallType::new(wanted.params, wanted.results, self.address_type);
        let func = self
            .check(func, ty)
            .map_err(|found| AllocationError::OtherType {
                export,
                found,
                wanted: ty.to_string(),
            })?;
        let id = (wanted.id, wanted.role, self.address_type);
        self.host().guests().keep_allocator(id, func);
        Ok(func)
    }
}

/// Checks what an allocator has returned.
#[inline]
fn check(
    allocator: &Allocator,
    pointer: GuestSize,
    size: GuestSize,
    align: GuestSize,
    memory: usize,
) -> Result<Range<usize>, AllocationError> {
    let range = memory::range(pointer, size.0, memory);
    match range {
        Ok(range) if pointer.0 != 0 && pointer.0.is_multiple_of(align.0.max(1)) => Ok(range),
        _ if pointer.0 == 0 && size.0 == 0 => Ok(0..0),
        _ => Err(unusable(allocator, pointer, size, align, memory)),
    }
}

/// Makes the error of what an allocator has returned.
#[cold]
fn unusable(
    allocator: &Allocator,
    pointer: GuestSize,
    size: GuestSize,
    align: GuestSize,
    memory: usize,
) -> AllocationError {
    let (export, pointer, size, align) = (allocator.export, pointer.0, size.0, align.0);
    if pointer == 0 {
        return AllocationError::Null { export, size };
    }
    if !pointer.is_multiple_of(align.max(1)) {
        return AllocationError::Misaligned {
            export,
            pointer,
            align,
        };
    }
    AllocationError::OutOfBounds {
        export,
        pointer,
        size,
        memory,
    }
}

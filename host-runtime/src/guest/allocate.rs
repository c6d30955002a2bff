//! Allocates and frees memory of a guest, by functions that it exports.

use std::any::TypeId;

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
        let (size, align) = (size, align.max(GuestSize(1)));
        let func = self.allocator(&AllocatorFunc::allocate(allocator))?;
        let mut call = self.call_allocator(&func, |slots| (allocator.pass)(size, align, slots))?;
        let made = GuestSize::read(&mut call.results(None));
        let memory = self.memory(|memory| memory.size())?;
        let (export, pointer, size, align) = (allocator.export, made.0, size.0, align.0);
        if pointer == 0 && size > 0 {
            return Err(AllocationError::Null { export, size }.into());
        }
        if !pointer.is_multiple_of(align) {
            return Err(AllocationError::Misaligned {
                export,
                pointer,
                align,
            }
            .into());
        }
        if memory::range(made, size, memory).is_err() {
            return Err(AllocationError::OutOfBounds {
                export,
                pointer,
                size,
                memory,
            }
            .into());
        }
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
        let func = self.allocator(&AllocatorFunc::free(by))?;
        self.call_allocator(&func, |slots| (by.pass)(memory, slots))?;
        Ok(())
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
        let func = self.allocator(&AllocatorFunc::pin(allocator, pins.pin))?;
        self.call_allocator(&func, |slots| pointer.write(slots))?;
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
        let func = self.allocator(&AllocatorFunc::unpin(allocator, pins.unpin))?;
        self.call_allocator(&func, |slots| pointer.write(slots))?;
        Ok(())
    }

    #[inline]
    fn call_allocator<'f>(
        &mut self,
        func: &'f CheckedFunc,
        pass: impl FnOnce(&mut Slots<'_>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<GuestCall<'f>> {
        let mut call = GuestCall::new(func, func.ty());
        pass(&mut call.parameters(func.ty(), None))?;
        self.access.call(self.budget, &mut call)?;
        Ok(call)
    }

    /// Looks up a function of the guest's allocator and checks its type.
    #[inline]
    fn allocator(&mut self, wanted: &AllocatorFunc) -> wasmtime::Result<CheckedFunc> {
        // The type depends on the address type of the memory that the host function names.
        let id = (wanted.id, wanted.role, self.address_type);
        match self.host().guests().allocator(id) {
            Some(known) => Ok(known),
            None => self.look_up_allocator(wanted),
        }
    }

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

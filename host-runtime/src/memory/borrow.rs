//! Borrows slices of guest memory for one call.
//!
//! A host function may take several slices at once, any of them `&mut`, at pointers that the
//! guest chose. Each is checked against those handed out before it. The standard library's
//! [`get_disjoint_mut`](slice::get_disjoint_mut) would have to know all of them at once, but where
//! one is may stand in what the guest has written beside another, as with
//! [`Indirect`](crate::values::Indirect).

use std::{
    cell::UnsafeCell,
    marker::PhantomData,
    ops::Range,
    ptr::NonNull,
    slice,
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};

use crate::{
    abi::GuestSize,
    error::{NoMemoryError, ValueError},
    memory::ranges::RangeSet,
};

/// The bytes of a guest's memory for the time `'a`: borrowed exclusively, or shared with other
/// threads.
///
/// It has two words, so that it is passed in registers.
#[doc(hidden)]
pub struct MemoryRef<'a> {
    base: NonNull<u8>,
    /// The size in bytes, which is at most `isize::MAX`, and above that bit whether it is shared.
    size_and_shared: usize,
    memory: PhantomData<&'a mut [u8]>,
}

/// The bit of [`MemoryRef::size_and_shared`] that says whether other threads use the memory.
const SHARED: usize = 1 << (usize::BITS - 1);

impl<'a> From<&'a mut [u8]> for MemoryRef<'a> {
    #[inline]
    fn from(memory: &'a mut [u8]) -> Self {
        Self {
            size_and_shared: memory.len(),
            base: NonNull::from(memory).cast(),
            memory: PhantomData,
        }
    }
}

/// A memory that other threads use meanwhile.
impl<'a> From<&'a [UnsafeCell<u8>]> for MemoryRef<'a> {
    fn from(memory: &'a [UnsafeCell<u8>]) -> Self {
        Self {
            size_and_shared: memory.len() | SHARED,
            base: NonNull::from(memory).cast(),
            memory: PhantomData,
        }
    }
}

impl<'a> MemoryRef<'a> {
    /// The size of the memory in bytes.
    #[inline]
    pub(crate) fn size(&self) -> usize {
        self.size_and_shared & !SHARED
    }

    /// Whether other threads use the memory.
    #[inline]
    pub(crate) fn is_shared(&self) -> bool {
        self.size_and_shared & SHARED != 0
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// [`NoMemoryError::Shared`] if other threads use the memory.
    pub(crate) fn bytes(self) -> Result<&'a mut [u8], ValueError> {
        if self.is_shared() {
            return Err(shared_error());
        }
        let mut bytes = NonNull::slice_from_raw_parts(self.base, self.size_and_shared);
        // SAFETY: the memory is not shared, so `self` was made of a `&'a mut [u8]` with this base
        // and size. It is given up here.
        Ok(unsafe { bytes.as_mut() })
    }
}

/// The guest's memory for the time of one call, `'a`.
///
/// It hands out slices that live as long as the call. Any number of shared ones may overlap; an
/// exclusive one overlaps no other, whatever pointers the guest passed.
///
/// Of a memory that is shared between threads it hands out none, for Rust's references allow no one
/// else to write: [`read`](Self::read) and [`write`](Self::write) copy, one byte after the other as
/// [unordered accesses](https://webassembly.github.io/threads/core/exec/relaxed.html) do.
pub struct GuestMemory<'a> {
    base: NonNull<u8>,
    size: usize,
    /// Whether other threads use the memory meanwhile.
    threads: bool,
    claims: &'a mut Claims,
    memory: PhantomData<&'a mut [u8]>,
}

/// The ranges that one call has borrowed. Never an empty one: those alias nothing.
///
/// They are not part of [`GuestMemory`] so that it has nothing to drop, and a hostcall without
/// memory nothing to unwind.
#[derive(Default)]
pub(crate) struct Claims {
    shared: RangeSet,
    exclusive: RangeSet,
}

impl Claims {
    /// Drops them, without a call where there is nothing to free.
    #[inline]
    pub(crate) fn end(self) {
        if self.shared.is_few() && self.exclusive.is_few() {
            std::mem::forget(self);
        }
    }
}

impl<'a> GuestMemory<'a> {
    /// The memory is borrowed exclusively, or shared, so nothing of it is borrowed yet; `claims`
    /// may be of an earlier view of it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is an exclusive reference"
    )]
    #[inline]
    pub(crate) fn new(memory: MemoryRef<'a>, claims: &'a mut Claims) -> Self {
        Self {
            base: memory.base,
            size: memory.size_and_shared & !SHARED,
            threads: memory.size_and_shared & SHARED != 0,
            claims,
            memory: PhantomData,
        }
    }

    /// The size of the memory in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Borrows `length` bytes from `pointer` on, for reading.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`] past the end of the memory, [`ValueError::Overlap`] where an
    /// exclusive slice has been handed out, [`NoMemoryError::Shared`] if threads share the memory.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub fn shared(&mut self, pointer: GuestSize, length: u64) -> Result<&'a [u8], ValueError> {
        let Range { start, end } = self.borrowable(pointer, length)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
            self.claims.shared.insert(start..end);
        }
        // SAFETY: `borrowable` has checked that `start` is at most `size`, and the memory has
        // `size` bytes from `base` on: `MemoryRef` is made of a slice.
        let first = unsafe { self.base.add(start) };
        // SAFETY: `start..end` is within the memory, which `MemoryRef` borrows for `'a`, and no
        // other thread uses it: `borrowable` fails for a shared memory. No exclusive slice overlaps
        // the range: `claims.exclusive.check` fails otherwise. None will: the range is in
        // `claims.shared`, which `exclusive` and `write` check.
        Ok(unsafe { slice::from_raw_parts(first.as_ptr(), end - start) })
    }

    /// Copies bytes from `pointer` on to `target`.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`] past the end of the memory, [`ValueError::Overlap`] where an
    /// exclusive slice has been handed out.
    pub fn read(&mut self, pointer: GuestSize, target: &mut [u8]) -> Result<(), ValueError> {
        if self.threads {
            let cells = self.cells(pointer, target.len())?;
            for (byte, cell) in target.iter_mut().zip(cells) {
                *byte = cell.load(Relaxed);
            }
        } else {
            target.copy_from_slice(self.view(pointer, target.len() as u64)?);
        }
        Ok(())
    }

    /// Copies bytes to the memory from `pointer` on.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`] past the end of the memory, [`ValueError::Overlap`] where any
    /// slice has been handed out.
    pub fn write(&mut self, pointer: GuestSize, bytes: &[u8]) -> Result<(), ValueError> {
        if self.threads {
            let cells = self.cells(pointer, bytes.len())?;
            for (byte, cell) in bytes.iter().zip(cells) {
                cell.store(*byte, Relaxed);
            }
            return Ok(());
        }
        let Range { start, end } = range(pointer, bytes.len() as u64, self.size)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
            self.claims.shared.check(start..end)?;
        }
        // SAFETY: `range` has checked that `start` is at most `size`, and the memory has `size`
        // bytes from `base` on.
        let first = unsafe { self.base.add(start) };
        // SAFETY: `start..end` is within the memory, which is borrowed exclusively and not shared:
        // `self.threads` is false here. No slice that was handed out overlaps the range: both
        // `check`s fail otherwise. This slice ends with the function.
        unsafe { slice::from_raw_parts_mut(first.as_ptr(), end - start) }.copy_from_slice(bytes);
        Ok(())
    }

    /// The bytes of a memory that threads share.
    fn cells(&self, pointer: GuestSize, length: usize) -> Result<&[AtomicU8], ValueError> {
        let Range { start, end } = range(pointer, length as u64, self.size)?;
        // SAFETY: `range` has checked that `start` is at most `size`, and the memory has `size`
        // bytes from `base` on.
        let first = unsafe { self.base.cast::<AtomicU8>().add(start) };
        // SAFETY: the bytes live for `'a`. Whoever else has them, other threads of guests, accesses
        // them as atomics do, or leaves to the guest what a race ends in.
        Ok(unsafe { slice::from_raw_parts(first.as_ptr(), end - start) })
    }

    /// Whether other threads use the memory, so that nothing of it can be borrowed.
    pub(crate) fn is_shared(&self) -> bool {
        self.threads
    }

    /// The bytes from `pointer` on, if they can be borrowed from this memory.
    #[inline]
    fn borrowable(&self, pointer: GuestSize, length: u64) -> Result<Range<usize>, ValueError> {
        if self.threads {
            return Err(shared_error());
        }
        range(pointer, length, self.size)
    }

    /// Borrows the bytes from `pointer` on, for reading, up to a NUL and with it.
    ///
    /// # Errors
    ///
    /// [`ValueError::NoNul`] if there is none in the memory, [`ValueError::TextTooLong`] if there
    /// is none in the first `limit` bytes, [`ValueError::Overlap`] if an exclusive slice comes
    /// before it.
    pub fn shared_until_nul(
        &mut self,
        pointer: GuestSize,
        limit: usize,
    ) -> Result<&'a [u8], ValueError> {
        let length = self.length_until_nul(pointer, limit)?;
        self.shared(pointer, length)
    }

    /// Looks at the bytes from `pointer` on, up to a NUL and with it, until the memory is asked for
    /// something else.
    ///
    /// # Errors
    ///
    /// Those of [`shared_until_nul`](Self::shared_until_nul).
    pub fn view_until_nul(
        &mut self,
        pointer: GuestSize,
        limit: usize,
    ) -> Result<&[u8], ValueError> {
        let length = self.length_until_nul(pointer, limit)?;
        self.view(pointer, length)
    }

    /// How many bytes there are with the NUL, or up to an exclusive slice and into it.
    fn length_until_nul(&mut self, pointer: GuestSize, limit: usize) -> Result<u64, ValueError> {
        let start = position(pointer, self.size)?;
        // What lies in an exclusive slice must not even be looked at.
        let end = self.claims.exclusive.next(start).unwrap_or(self.size);
        let visible = self.view(pointer, end.saturating_sub(start) as u64)?;
        let looked_at = &visible[..visible.len().min(limit)];
        match memchr::memchr(0, looked_at) {
            Some(length) => Ok(length as u64 + 1),
            None if looked_at.len() < visible.len() => Err(ValueError::TextTooLong {
                pointer: pointer.0,
                limit,
            }),
            None if end < self.size => Ok((end - start) as u64 + 1),
            None => Err(ValueError::NoNul { pointer: pointer.0 }),
        }
    }

    /// Looks at `length` bytes from `pointer` on, until the memory is asked for something else.
    ///
    /// # Errors
    ///
    /// Those of [`shared`](Self::shared).
    #[inline]
    pub fn view(&mut self, pointer: GuestSize, length: u64) -> Result<&[u8], ValueError> {
        let Range { start, end } = self.borrowable(pointer, length)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
        }
        // SAFETY: `borrowable` has checked that `start` is at most `size`, and the memory has
        // `size` bytes from `base` on.
        let first = unsafe { self.base.add(start) };
        // SAFETY: `start..end` is within the memory, and no other thread uses it: `borrowable`
        // fails for a shared memory. No exclusive slice overlaps the range:
        // `claims.exclusive.check` fails otherwise. None is made while this slice lives, which
        // borrows `self`.
        Ok(unsafe { slice::from_raw_parts(first.as_ptr(), end - start) })
    }

    /// Borrows `length` bytes from `pointer` on, for reading and writing.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`] past the end of the memory, [`ValueError::Overlap`] where any
    /// slice has been handed out, [`NoMemoryError::Shared`] if threads share the memory.
    #[expect(clippy::inline_always, reason = "a call costs a tenth more without")]
    #[inline(always)]
    pub fn exclusive(
        &mut self,
        pointer: GuestSize,
        length: u64,
    ) -> Result<&'a mut [u8], ValueError> {
        let Range { start, end } = self.borrowable(pointer, length)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
            self.claims.shared.check(start..end)?;
            self.claims.exclusive.insert(start..end);
        }
        // SAFETY: `borrowable` has checked that `start` is at most `size`, and the memory has
        // `size` bytes from `base` on.
        let first = unsafe { self.base.add(start) };
        // SAFETY: `start..end` is within the memory, which `MemoryRef` borrows exclusively for
        // `'a`, and no other thread uses it: `borrowable` fails for a shared memory. No slice
        // overlaps the range: both `check`s fail otherwise. None will: the range is in
        // `claims.exclusive`, which all functions check that hand out slices.
        Ok(unsafe { slice::from_raw_parts_mut(first.as_ptr(), end - start) })
    }
}

/// Checks that `length` bytes from `pointer` on are within a memory of `size` bytes.
#[inline]
pub(crate) fn range(
    pointer: GuestSize,
    length: u64,
    size: usize,
) -> Result<Range<usize>, ValueError> {
    match pointer.0.checked_add(length) {
        // A range within the memory fits into a `usize`.
        #[allow(clippy::cast_possible_truncation)]
        Some(end) if end <= size as u64 => Ok(pointer.0 as usize..end as usize),
        // Compilers pass any pointer for an empty slice; Zig passes the last address.
        _ if length == 0 => Ok(0..0),
        _ => Err(out_of_bounds(pointer, length, size)),
    }
}

/// Checks that a pointer is within a memory of `size` bytes or at its end.
pub(crate) fn position(pointer: GuestSize, size: usize) -> Result<usize, ValueError> {
    match usize::try_from(pointer.0) {
        Ok(at) if at <= size => Ok(at),
        _ => Err(out_of_bounds(pointer, 1, size)),
    }
}

#[cold]
fn shared_error() -> ValueError {
    ValueError::NoMemory(NoMemoryError::Shared)
}

#[cold]
fn out_of_bounds(pointer: GuestSize, length: u64, memory: usize) -> ValueError {
    ValueError::OutOfBounds {
        pointer: pointer.0,
        length,
        size: 1,
        memory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: usize = 64;

    fn mock<'a>(bytes: &'a mut [u8], claims: &'a mut Claims) -> GuestMemory<'a> {
        GuestMemory::new(bytes.into(), claims)
    }

    /// What a guest may ask for: mostly near the memory, now and then far out.
    fn request() -> impl Strategy<Value = (u64, u64, bool)> {
        let number = prop_oneof![8 => 0..=SIZE as u64 + 2, 1 => any::<u64>()];
        (number.clone(), number, any::<bool>())
    }

    proptest! {
        /// A request is granted if and only if it is within the memory and nothing that is
        /// exclusive overlaps; what is granted is the range that was asked for.
        #[test]
        fn lends_exactly_what_is_free(requests in prop::collection::vec(request(), 1..12)) {
            let mut bytes: Vec<u8> = (0..=u8::MAX).take(SIZE).collect();
            let mut claims = Claims::default();
            let mut memory = mock(&mut bytes, &mut claims);
            let mut granted: Vec<(u128, u128, bool)> = Vec::new();
            let mut writable: Vec<&mut [u8]> = Vec::new();
            for (pointer, length, exclusive) in requests {
                let (start, end) = (u128::from(pointer), u128::from(pointer) + u128::from(length));
                let free = length == 0 || end <= SIZE as u128
                    && !granted.iter().any(|&(s, e, x)| {
                        (x || exclusive) && start < end && s < e && start < e && s < end
                    });
                if exclusive {
                    let slice = memory.exclusive(GuestSize(pointer), length);
                    prop_assert_eq!(slice.is_ok(), free);
                    writable.extend(slice);
                } else {
                    let slice = memory.shared(GuestSize(pointer), length);
                    prop_assert_eq!(slice.is_ok(), free);
                    if let Ok(slice) = slice {
                        prop_assert_eq!(slice.len() as u64, length);
                        let own = |(i, &b): (usize, &u8)| u64::from(b) == pointer + i as u64;
                        prop_assert!(slice.iter().enumerate().all(own));
                    }
                }
                if free {
                    granted.push((start, end, exclusive));
                }
            }
            for slice in writable {
                slice.fill(0xFF);
            }
            for &(start, end, exclusive) in granted.iter().filter(|(start, end, _)| start < end) {
                let range = start as usize..end as usize;
                prop_assert!(bytes[range].iter().all(|&b| (b == 0xFF) == exclusive));
            }
        }
    }

    #[test]
    fn an_empty_slice_never_overlaps() {
        let mut bytes = [0; SIZE];
        let mut claims = Claims::default();
        let mut memory = mock(&mut bytes, &mut claims);
        assert!(memory.exclusive(GuestSize(0), SIZE as u64).is_ok());
        assert!(memory.exclusive(GuestSize(SIZE as u64), 0).is_ok());
        for pointer in [3, SIZE as u64 + 1, u32::MAX.into(), u64::MAX] {
            assert_eq!(memory.shared(GuestSize(pointer), 0).unwrap(), []);
            assert_eq!(memory.exclusive(GuestSize(pointer), 0).unwrap(), []);
        }
    }
}

//! What one call has borrowed of the guest's memory.
//!
//! A host function may take several slices at once, any of them `&mut`, at pointers that the
//! guest chose. Each is checked against those handed out before it.

use std::{marker::PhantomData, ops::Range, ptr::NonNull, slice};

use crate::{error::BadValue, memory::ranges::RangeSet, values::GuestSize};

/// The guest's memory for the time of one call, `'a`.
///
/// It hands out slices that live as long as the call. Any number of shared ones may overlap; an
/// exclusive one overlaps no other, whatever pointers the guest passed.
pub struct GuestMemory<'a> {
    base: NonNull<u8>,
    size: usize,
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

impl<'a> GuestMemory<'a> {
    #[inline]
    pub(crate) fn new(memory: &'a mut [u8], claims: &'a mut Claims) -> Self {
        *claims = Claims::default();
        Self {
            size: memory.len(),
            base: NonNull::from(memory).cast(),
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
    /// [`BadValue::OutOfBounds`] past the end of the memory, [`BadValue::Overlap`] where an
    /// exclusive slice has been handed out.
    #[inline]
    pub fn shared(&mut self, pointer: GuestSize, length: u64) -> Result<&'a [u8], BadValue> {
        let Range { start, end } = range(pointer, length, self.size)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
            self.claims.shared.insert(start..end);
        }
        // SAFETY: `range` returns one within `size`, so the pointer stays within the memory
        // that `new` got.
        let first = unsafe { self.base.add(start) };
        // SAFETY: `new` had the only reference to these bytes, for `'a`, and kept none itself. No
        // mutable slice that `self` has made overlaps them, or `check` had failed; and as they
        // are noted, `exclusive` will make none that does.
        Ok(unsafe { slice::from_raw_parts(first.as_ptr(), end - start) })
    }

    /// Looks at `length` bytes from `pointer` on, until the memory is asked for something else.
    ///
    /// # Errors
    ///
    /// Those of [`shared`](Self::shared).
    #[inline]
    pub fn view(&mut self, pointer: GuestSize, length: u64) -> Result<&[u8], BadValue> {
        let Range { start, end } = range(pointer, length, self.size)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
        }
        // SAFETY: as in `shared`.
        let first = unsafe { self.base.add(start) };
        // SAFETY: as in `shared`; and `self` is borrowed for as long as these bytes are, so that no
        // mutable slice can be made meanwhile.
        Ok(unsafe { slice::from_raw_parts(first.as_ptr(), end - start) })
    }

    /// Borrows `length` bytes from `pointer` on, for reading and writing.
    ///
    /// # Errors
    ///
    /// [`BadValue::OutOfBounds`] past the end of the memory, [`BadValue::Overlap`] where any
    /// slice has been handed out.
    #[inline]
    pub fn exclusive(&mut self, pointer: GuestSize, length: u64) -> Result<&'a mut [u8], BadValue> {
        let Range { start, end } = range(pointer, length, self.size)?;
        if start < end {
            self.claims.exclusive.check(start..end)?;
            self.claims.shared.check(start..end)?;
            self.claims.exclusive.insert(start..end);
        }
        // SAFETY: as in `shared`.
        let first = unsafe { self.base.add(start) };
        // SAFETY: as in `shared`, but no slice at all overlaps these bytes, nor will one.
        Ok(unsafe { slice::from_raw_parts_mut(first.as_ptr(), end - start) })
    }
}

/// The bytes from `pointer` on, if a memory of `size` bytes has them.
#[inline]
pub(crate) fn range(
    pointer: GuestSize,
    length: u64,
    size: usize,
) -> Result<Range<usize>, BadValue> {
    match pointer.0.checked_add(length) {
        // What is not past the end of the memory fits a `usize`.
        #[allow(clippy::cast_possible_truncation)]
        Some(end) if end <= size as u64 => Ok(pointer.0 as usize..end as usize),
        _ => Err(out_of_bounds(pointer, length, size)),
    }
}

#[cold]
fn out_of_bounds(pointer: GuestSize, length: u64, memory: usize) -> BadValue {
    BadValue::OutOfBounds {
        pointer: pointer.0,
        length,
        memory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: usize = 64;

    /// What a guest may ask for: mostly near the memory, now and then far out.
    fn request() -> impl Strategy<Value = (u64, u64, bool)> {
        let number = prop_oneof![8 => 0..=SIZE as u64 + 2, 1 => any::<u64>()];
        (number.clone(), number, any::<bool>())
    }

    proptest! {
        /// A request is granted if and only if it is within the memory and nothing that is
        /// exclusive overlaps; what is granted is the range that was asked for.
        #[test]
        fn grants_what_is_free(requests in prop::collection::vec(request(), 1..12)) {
            let mut bytes: Vec<u8> = (0..=u8::MAX).take(SIZE).collect();
            let mut claims = Claims::default();
            let mut memory = GuestMemory::new(&mut bytes, &mut claims);
            let mut granted: Vec<(u128, u128, bool)> = Vec::new();
            let mut writable: Vec<&mut [u8]> = Vec::new();
            for (pointer, length, exclusive) in requests {
                let (start, end) = (u128::from(pointer), u128::from(pointer) + u128::from(length));
                let free = end <= SIZE as u128
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
                        prop_assert!(slice.iter().enumerate().all(|(i, &b)| u64::from(b) == pointer + i as u64));
                    }
                }
                if free {
                    granted.push((start, end, exclusive));
                }
            }
            for slice in writable {
                slice.fill(0xFF);
            }
            for &(start, end, exclusive) in &granted {
                let range = start as usize..end as usize;
                prop_assert!(bytes[range].iter().all(|&b| (b == 0xFF) == exclusive));
            }
        }
    }

    #[test]
    fn an_empty_slice_takes_no_place() {
        let mut bytes = [0; SIZE];
        let mut claims = Claims::default();
        let mut memory = GuestMemory::new(&mut bytes, &mut claims);
        assert!(memory.exclusive(GuestSize(0), SIZE as u64).is_ok());
        assert!(memory.exclusive(GuestSize(SIZE as u64), 0).is_ok());
        assert!(memory.shared(GuestSize(3), 0).is_ok());
        assert!(memory.shared(GuestSize(SIZE as u64 + 1), 0).is_err());
    }
}

//! What one call has of the guest's memory.

use std::ops::Range;

use crate::oracle::{Fault, World};

/// The memory for the time of one call: what has been borrowed of it, and copied.
pub(super) struct Lent<'w> {
    world: &'w World,
    /// What was borrowed, and whether that is to be written.
    borrowed: Vec<(Range<u128>, bool)>,
    /// What the call has copied, at least and at most as far as the documentation says.
    copied: (u128, u128),
}

impl<'w> Lent<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self {
            world,
            borrowed: Vec::new(),
            copied: (0, 0),
        }
    }

    pub(super) fn wide(&self) -> bool {
        self.world.wide
    }

    pub(super) fn size(&self) -> u128 {
        self.world.memory.len() as u128
    }

    /// What is left to be copied, at least and at most.
    pub(super) fn left(&self) -> (u128, u128) {
        let left = |copied| u128::from(self.world.budget).saturating_sub(copied);
        (left(self.copied.1), left(self.copied.0))
    }

    /// The bytes from an address on, if the memory has them.
    pub(super) fn within(&self, pointer: u64, length: u128) -> Result<Range<u128>, Fault> {
        let start = u128::from(pointer);
        let end = start.checked_add(length).ok_or(Fault::Trap)?;
        if end > self.world.memory.len() as u128 {
            // Nothing is anywhere.
            return if length == 0 {
                Ok(0..0)
            } else {
                Err(Fault::Trap)
            };
        }
        Ok(start..end)
    }

    /// The bytes of a range that is within the memory.
    pub(super) fn bytes(&self, range: &Range<u128>) -> &'w [u8] {
        let at = |place: u128| usize::try_from(place).expect("it is within the memory");
        &self.world.memory[at(range.start)..at(range.end)]
    }

    /// Copies, for which nobody may have borrowed the bytes to write them.
    pub(super) fn copy(&self, pointer: u64, length: u128) -> Result<Range<u128>, Fault> {
        let range = self.within(pointer, length)?;
        self.apart(&range, false)?;
        Ok(range)
    }

    /// Borrows.
    pub(super) fn borrow(
        &mut self,
        pointer: u64,
        length: u128,
        exclusive: bool,
    ) -> Result<Range<u128>, Fault> {
        if self.world.threads {
            return Err(Fault::Trap);
        }
        let range = self.within(pointer, length)?;
        self.apart(&range, exclusive)?;
        self.borrowed.push((range.clone(), exclusive));
        Ok(range)
    }

    /// Whether nothing that was borrowed has a byte of the range, or it is all for reading.
    fn apart(&self, range: &Range<u128>, exclusive: bool) -> Result<(), Fault> {
        let shares = |other: &Range<u128>| range.start.max(other.start) < range.end.min(other.end);
        let clash =
            |(other, written): &(Range<u128>, bool)| (exclusive || *written) && shares(other);
        if self.borrowed.iter().any(clash) {
            return Err(Fault::Trap);
        }
        Ok(())
    }

    /// Takes some of the copy budget: so much for certain, and perhaps more.
    pub(super) fn charge(&mut self, least: u128, most: u128) -> Result<(), Fault> {
        self.copied.0 = self.copied.0.saturating_add(least);
        self.copied.1 = self.copied.1.saturating_add(most);
        let budget = u128::from(self.world.budget);
        if self.copied.0 > budget {
            Err(Fault::Trap)
        } else if self.copied.1 > budget {
            Err(Fault::Open)
        } else {
            Ok(())
        }
    }
}

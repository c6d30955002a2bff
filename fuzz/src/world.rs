//! The oracle's model of the state that calls depend on, including the guest's memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::value::Value;

/// Why a call does not return.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// The call traps.
    Trap,
    /// The call traps because the return pointer is bad.
    Return,
    /// The call fails because no guest made it.
    NoGuest,
    /// The documentation leaves open whether it traps, or what it returns.
    Open,
}

/// The results of a function, or why it has none.
pub type Results = Result<Vec<Value>, Fault>;

#[derive(Clone, Debug, Default)]
pub struct World {
    /// Whether addresses have 64 bits.
    pub wide: bool,
    /// Whether the memory is shared between threads, so that it cannot be borrowed.
    pub threads: bool,
    /// The size of a page in bytes.
    pub page: usize,
    /// The maximum size of the memory in bytes.
    pub most: usize,
    /// How many bytes one call may copy.
    pub budget: u64,
    /// Whether the host itself calls the host function.
    pub no_guest: bool,
    pub memory: Vec<u8>,
    /// The numbers in the states [`Counter`](crate::functions::Counter) and `Sum`.
    pub counter: u32,
    pub sum: u64,
    /// The valid handles, with the number if it is a `Handle<u64>`.
    pub handles: BTreeMap<u32, Option<u64>>,
    /// All handles that were ever returned, which must be distinct.
    pub given: BTreeSet<u32>,
    /// The pointers that the guest's allocators return alternately.
    pub grants: [u64; 2],
    /// What the allocators do first: trap for 1, grow the memory for 2.
    pub mode: u32,
    /// The value of each global, if the guest imports them.
    pub globals: Option<BTreeMap<&'static str, Value>>,
    /// The ranges that the call has borrowed, and whether mutably.
    pub borrowed: Vec<(Range<usize>, bool)>,
    /// Lower and upper bounds on the copy budget that the call has used.
    pub copied: (u128, u128),
}

impl World {
    /// Clears the borrows and copies of the previous call.
    pub fn begin(&mut self) {
        self.borrowed.clear();
        self.copied = (0, 0);
    }

    /// The range of bytes at an address. An empty range is valid at any address.
    pub fn within(&self, pointer: u64, length: u128) -> Result<Range<usize>, Fault> {
        let (start, end) = (usize::try_from(pointer), u128::from(pointer) + length);
        match (start, usize::try_from(end)) {
            (Ok(start), Ok(end)) if end <= self.memory.len() => Ok(start..end),
            _ if length == 0 => Ok(0..0),
            _ => Err(Fault::Trap),
        }
    }

    /// The range of bytes to copy, which must not overlap a mutable borrow.
    pub fn copy(&self, pointer: u64, length: u128) -> Result<Range<usize>, Fault> {
        let range = self.within(pointer, length)?;
        self.check_apart(&range, false)?;
        Ok(range)
    }

    pub fn borrow(
        &mut self,
        pointer: u64,
        length: u128,
        written: bool,
    ) -> Result<Range<usize>, Fault> {
        if self.threads {
            return Err(Fault::Trap);
        }
        let range = self.within(pointer, length)?;
        self.check_apart(&range, written)?;
        self.borrowed.push((range.clone(), written));
        Ok(range)
    }

    /// Returns a trap if the range overlaps a borrowed range and either is mutable.
    fn check_apart(&self, range: &Range<usize>, written: bool) -> Result<(), Fault> {
        let clashes = |(other, other_written): &(Range<usize>, bool)| {
            (written || *other_written) && range.start.max(other.start) < range.end.min(other.end)
        };
        ensure(!self.borrowed.iter().any(clashes))
    }

    /// Takes between `least` and `most` bytes from the copy budget.
    pub fn charge(&mut self, least: u128, most: u128) -> Result<(), Fault> {
        self.copied.0 = self.copied.0.saturating_add(least);
        self.copied.1 = self.copied.1.saturating_add(most);
        match u128::from(self.budget) {
            budget if self.copied.0 > budget => Err(Fault::Trap),
            budget if self.copied.1 > budget => Err(Fault::Open),
            _ => Ok(()),
        }
    }

    /// Returns a fault unless a guest made the call.
    pub fn check_guest(&self) -> Result<(), Fault> {
        if self.no_guest {
            return Err(Fault::NoGuest);
        }
        Ok(())
    }

    /// The bytes that a function accesses through `Guest`.
    pub fn at(&mut self, pointer: u64, length: u128) -> Result<&mut [u8], Fault> {
        self.check_guest()?;
        let range = self.within(pointer, length)?;
        Ok(&mut self.memory[range])
    }

    /// Grows the memory and returns the previous number of pages, or `None` if it is too large.
    pub fn grow(&mut self, pages: u64) -> Option<u64> {
        let before = self.memory.len();
        let more = usize::try_from(pages).ok()?.checked_mul(self.page)?;
        let size = before.checked_add(more);
        self.memory
            .resize(size.filter(|&size| size <= self.most)?, 0);
        Some((before / self.page) as u64)
    }

    /// Allocates memory through the guest's allocator and copies the bytes to it.
    pub fn allocate(&mut self, bytes: &[u8], align: u64) -> Result<u64, Fault> {
        self.check_guest()?;
        match self.mode {
            1 => return Err(Fault::Trap),
            2 => drop(self.grow(1)),
            _ => {}
        }
        self.grants.swap(0, 1);
        let mut pointer = self.grants[1];
        if !self.wide {
            pointer %= 1 << 32;
        }
        ensure(pointer != 0 && pointer.is_multiple_of(align))?;
        // An empty allocation is one byte.
        self.at(pointer, bytes.len().max(1) as u128)?[..bytes.len()].copy_from_slice(bytes);
        Ok(pointer)
    }

    /// Writes a result to a return pointer.
    pub fn write_result(&mut self, pointer: u64, bytes: &[u8]) -> Results {
        match self.at(pointer, bytes.len() as u128) {
            Ok(place) => place.copy_from_slice(bytes),
            Err(Fault::Trap) => return Err(Fault::Return),
            Err(fault) => return Err(fault),
        }
        Ok(vec![])
    }

    /// The size of an address in bytes.
    pub fn address(&self) -> usize {
        if self.wide { 8 } else { 4 }
    }

    /// The bytes of a pointer and a length in the memory.
    pub fn in_memory(&self, pair: [u64; 2]) -> Vec<u8> {
        let both = pair.map(u64::to_le_bytes);
        let cut = both.iter().flat_map(|number| &number[..self.address()]);
        cut.copied().collect()
    }

    /// Sets a global and returns the previous value.
    pub fn swap_global(&mut self, name: &'static str, value: Value) -> Result<Value, Fault> {
        let globals = self.globals.as_mut().ok_or(Fault::Trap)?;
        globals.insert(name, value).ok_or(Fault::Trap)
    }
}

/// Returns a trap unless the condition holds.
pub fn ensure(condition: bool) -> Result<(), Fault> {
    if condition { Ok(()) } else { Err(Fault::Trap) }
}

/// Decodes a little-endian number.
pub fn from_bytes(bytes: &[u8]) -> u64 {
    let add = |number, &byte| number << 8 | u64::from(byte);
    bytes.iter().rev().fold(0, add)
}

//! Everything that a call depends on, and the guest's memory as one call has it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::value::Value;

/// Why a call does not return.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// It traps.
    Trap,
    /// It traps, for the place where the guest wants the result.
    Return,
    /// It is an error, for no guest has called.
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
    /// Whether threads share the memory, so that nothing can be borrowed.
    pub threads: bool,
    /// The bytes of a page.
    pub page: usize,
    /// The most bytes that the memory can have.
    pub most: usize,
    /// How many bytes one call may copy.
    pub budget: u64,
    /// Whether the host itself calls the host function.
    pub no_guest: bool,
    pub memory: Vec<u8>,
    /// The states of the host functions.
    pub counter: u32,
    pub sum: u64,
    /// The handles that are alive, with what they stand for.
    pub handles: BTreeMap<u32, Option<u64>>,
    /// All handles that there have been.
    pub given: BTreeSet<u32>,
    /// What the guest's allocators return, in turn.
    pub grants: [u64; 2],
    /// What they do before that: trap for 1, grow the memory for 2.
    pub mode: u32,
    /// What each global holds, if the guest imports them.
    pub globals: Option<BTreeMap<&'static str, Value>>,
    /// What the call has borrowed, and whether to write it.
    pub borrowed: Vec<(Range<usize>, bool)>,
    /// What the call has copied, at least and at most as far as the documentation says.
    pub copied: (u128, u128),
}

impl World {
    /// A call begins: nothing is borrowed or copied.
    pub fn begin(&mut self) {
        self.borrowed.clear();
        self.copied = (0, 0);
    }

    /// Where the bytes from an address on are, if the memory has them. Nothing is anywhere.
    pub fn within(&self, pointer: u64, length: u128) -> Result<Range<usize>, Fault> {
        let (start, end) = (usize::try_from(pointer), u128::from(pointer) + length);
        match (start, usize::try_from(end)) {
            (Ok(start), Ok(end)) if end <= self.memory.len() => Ok(start..end),
            _ if length == 0 => Ok(0..0),
            _ => Err(Fault::Trap),
        }
    }

    /// Bytes to copy. Nothing that is to be written may have been borrowed of them.
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

    /// What is borrowed twice must not be written.
    fn check_apart(&self, range: &Range<usize>, written: bool) -> Result<(), Fault> {
        let clashes = |(other, other_written): &(Range<usize>, bool)| {
            (written || *other_written) && range.start.max(other.start) < range.end.min(other.end)
        };
        ensure(!self.borrowed.iter().any(clashes))
    }

    /// Takes some of the copy budget, at least and at most so much.
    pub fn charge(&mut self, least: u128, most: u128) -> Result<(), Fault> {
        self.copied.0 = self.copied.0.saturating_add(least);
        self.copied.1 = self.copied.1.saturating_add(most);
        match u128::from(self.budget) {
            budget if self.copied.0 > budget => Err(Fault::Trap),
            budget if self.copied.1 > budget => Err(Fault::Open),
            _ => Ok(()),
        }
    }

    /// What a function that uses the guest as it goes needs.
    pub fn check_guest(&self) -> Result<(), Fault> {
        if self.no_guest {
            return Err(Fault::NoGuest);
        }
        Ok(())
    }

    /// Bytes at an address that a function uses as it goes.
    pub fn at(&mut self, pointer: u64, length: u128) -> Result<&mut [u8], Fault> {
        self.check_guest()?;
        let range = self.within(pointer, length)?;
        Ok(&mut self.memory[range])
    }

    /// Grows the memory, and says how many pages it had; `None` if it cannot have so many.
    pub fn grow(&mut self, pages: u64) -> Option<u64> {
        let before = self.memory.len();
        let more = usize::try_from(pages).ok()?.checked_mul(self.page)?;
        let size = before.checked_add(more);
        self.memory
            .resize(size.filter(|&size| size <= self.most)?, 0);
        Some((before / self.page) as u64)
    }

    /// Has the guest make room, and fills it.
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
        // Room for nothing is room for a byte.
        self.at(pointer, bytes.len().max(1) as u128)?[..bytes.len()].copy_from_slice(bytes);
        Ok(pointer)
    }

    /// Writes a result to where the guest wants it.
    pub fn write_result(&mut self, pointer: u64, bytes: &[u8]) -> Results {
        match self.at(pointer, bytes.len() as u128) {
            Ok(place) => place.copy_from_slice(bytes),
            Err(Fault::Trap) => return Err(Fault::Return),
            Err(fault) => return Err(fault),
        }
        Ok(vec![])
    }

    /// How many bytes an address has.
    pub fn address(&self) -> usize {
        if self.wide { 8 } else { 4 }
    }

    /// A pointer and a length as they lie in the memory.
    pub fn in_memory(&self, pair: [u64; 2]) -> Vec<u8> {
        let both = pair.map(u64::to_le_bytes);
        let cut = both.iter().flat_map(|number| &number[..self.address()]);
        cut.copied().collect()
    }

    /// Has a global hold something else, and says what it held.
    pub fn swap_global(&mut self, name: &'static str, value: Value) -> Result<Value, Fault> {
        let globals = self.globals.as_mut().ok_or(Fault::Trap)?;
        globals.insert(name, value).ok_or(Fault::Trap)
    }
}

/// A trap unless something is so.
pub fn ensure(good: bool) -> Result<(), Fault> {
    if good { Ok(()) } else { Err(Fault::Trap) }
}

/// The number of which these are the bytes.
pub fn from_bytes(bytes: &[u8]) -> u64 {
    let add = |number, &byte| number << 8 | u64::from(byte);
    bytes.iter().rev().fold(0, add)
}

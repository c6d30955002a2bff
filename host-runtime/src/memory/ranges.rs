//! A set of byte ranges, to find overlaps in.

use std::ops::Range;

use smallvec::SmallVec;

use crate::error::BadValue;

/// Ranges that do not overlap, in order: what is inserted is merged with what it overlaps.
///
/// Most calls borrow one range or two. But a type of a user's may borrow as many as the guest asks
/// for, and must not be made to walk all of them for each.
#[derive(Default)]
pub(super) struct RangeSet(SmallVec<[Range<usize>; 2]>);

impl RangeSet {
    /// Fails if `range`, which is not empty, overlaps one of the set.
    #[inline]
    pub(super) fn check(&self, range: Range<usize>) -> Result<(), BadValue> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.search(range)
    }

    fn search(&self, range: Range<usize>) -> Result<(), BadValue> {
        let after = self.0.partition_point(|other| other.end <= range.start);
        match self.0.get(after) {
            Some(other) if other.start < range.end => Err(BadValue::Overlap {
                other: other.clone(),
                range,
            }),
            _ => Ok(()),
        }
    }

    /// The first byte from `start` on that is in the set.
    pub(super) fn next(&self, start: usize) -> Option<usize> {
        let after = self.0.partition_point(|other| other.end <= start);
        self.0.get(after).map(|other| other.start.max(start))
    }

    /// Adds a range that is not empty.
    #[inline]
    pub(super) fn insert(&mut self, range: Range<usize>) {
        if self.0.is_empty() {
            self.0.push(range);
        } else {
            self.merge(range);
        }
    }

    fn merge(&mut self, range: Range<usize>) {
        let first = self.0.partition_point(|other| other.end <= range.start);
        let after = self.0.partition_point(|other| other.start < range.end);
        let merged = self.0[first..after].iter().fold(range, |merged, other| {
            merged.start.min(other.start)..merged.end.max(other.end)
        });
        self.0.drain(first..after);
        self.0.insert(first, merged);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: usize = 32;

    proptest! {
        /// The set knows of each byte whether a range that was inserted has it, and says so of any
        /// range.
        #[test]
        fn knows_what_was_inserted(
            ranges in prop::collection::vec((0..SIZE, 1..6_usize), 0..12),
            asked in (0..SIZE, 1..6_usize),
        ) {
            let mut set = RangeSet::default();
            let mut bytes = [false; SIZE + 6];
            for (start, length) in ranges {
                set.insert(start..start + length);
                bytes[start..start + length].fill(true);
            }
            let range = asked.0..asked.0 + asked.1;
            let overlaps = bytes[range.clone()].contains(&true);
            prop_assert_eq!(set.check(range.clone()).is_err(), overlaps);
            if let Err(BadValue::Overlap { range: named, other }) = set.check(range.clone()) {
                prop_assert_eq!(named, range.clone());
                prop_assert!(other.start < range.end && range.start < other.end);
            }
            for pair in set.0.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start, "in order, and apart");
            }
        }
    }
}

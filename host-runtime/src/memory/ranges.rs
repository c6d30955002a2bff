//! A set of byte ranges, to find overlaps.

use std::{collections::BTreeMap, ops::Range};

use crate::error::ValueError;

/// How many ranges are searched one by one.
const FEW: usize = 2;

/// Ranges that do not overlap. An inserted range is merged with those that it overlaps.
///
/// Most calls borrow one or two ranges, which need no allocation. A list borrows as many as the
/// guest passes; the tree keeps their insertion fast.
#[derive(Default)]
pub(super) struct RangeSet {
    /// The first `len` ranges, in no order. Once there is one, there always is.
    few: [(usize, usize); FEW],
    len: usize,
    /// All other ranges: the ends by the starts.
    #[expect(clippy::box_collection, reason = "most calls have none, and drop it")]
    many: Option<Box<BTreeMap<usize, usize>>>,
}

impl RangeSet {
    /// Whether it has nothing to free.
    #[inline]
    pub(super) fn is_few(&self) -> bool {
        self.many.is_none()
    }

    /// Fails if `range`, which is not empty, overlaps one of the set.
    #[inline]
    pub(super) fn check(&self, range: Range<usize>) -> Result<(), ValueError> {
        if self.len == 0 {
            return Ok(());
        }
        self.search(range)
    }

    #[cold]
    fn search(&self, range: Range<usize>) -> Result<(), ValueError> {
        match self.overlapped(&range) {
            Some(other) => Err(ValueError::Overlap { range, other }),
            None => Ok(()),
        }
    }

    /// Returns a range that `range` overlaps.
    fn overlapped(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let overlaps = |other: &Range<usize>| other.start < range.end && range.start < other.end;
        if let Some(other) = self.few().find(overlaps) {
            return Some(other);
        }
        let (&start, &end) = self.many.as_ref()?.range(..range.end).next_back()?;
        Some(start..end).filter(overlaps)
    }

    fn few(&self) -> impl Iterator<Item = Range<usize>> {
        self.few
            .iter()
            .take(self.len)
            .map(|&(start, end)| start..end)
    }

    /// The first byte from `start` on that is in the set.
    pub(super) fn next(&self, start: usize) -> Option<usize> {
        let many = self.many.iter().flat_map(|many| {
            let before = many.range(..=start).next_back();
            before.into_iter().chain(many.range(start..).next())
        });
        let many = many.map(|(&start, &end)| start..end);
        let after = self.few().chain(many).filter(|other| start < other.end);
        after.map(|other| other.start.max(start)).min()
    }

    /// Adds a range that is not empty.
    #[inline]
    pub(super) fn insert(&mut self, range: Range<usize>) {
        if self.len == 0 {
            self.few[0] = (range.start, range.end);
            self.len = 1;
        } else {
            self.merge(range);
        }
    }

    #[cold]
    fn merge(&mut self, mut range: Range<usize>) {
        while let Some(other) = self.overlapped(&range) {
            self.remove(other.start);
            range = range.start.min(other.start)..range.end.max(other.end);
        }
        if self.len < FEW {
            self.few[self.len] = (range.start, range.end);
            self.len += 1;
        } else {
            let many = self.many.get_or_insert_default();
            many.insert(range.start, range.end);
        }
    }

    /// Removes the range that begins at `start`.
    fn remove(&mut self, start: usize) {
        let index = self.few().position(|known| known.start == start);
        match index {
            Some(index) => {
                self.len -= 1;
                self.few.swap(index, self.len);
            }
            None => {
                if let Some(many) = &mut self.many {
                    many.remove(&start);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: usize = 80;

    proptest! {
        /// The set knows of each byte whether a range that was inserted has it, and says so of any
        /// range.
        #[test]
        fn finds_the_ranges_that_overlap_inserted_ones(
            ranges in prop::collection::vec((0..SIZE, 1..6_usize), 0..24),
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
            if let Err(ValueError::Overlap { range: named, other }) = set.check(range.clone()) {
                prop_assert_eq!(named, range.clone());
                prop_assert!(other.start < range.end && range.start < other.end);
            }
            let next = (asked.0..bytes.len()).find(|&at| bytes[at]);
            prop_assert_eq!(set.next(asked.0), next);
        }
    }
}

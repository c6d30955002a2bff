//! Patterns for the names of imports.

use std::cmp::Reverse;

/// A name in which each `*` stands for any characters, also none.
///
/// The embedder writes a pattern, and a guest chooses the names that are compared with it.
#[derive(Clone, Copy)]
pub(crate) struct Pattern<'p>(&'p str);

impl<'p> Pattern<'p> {
    /// A name that has a `*` is a pattern.
    pub(crate) fn of(name: &'p str) -> Option<Self> {
        name.contains('*').then_some(Self(name))
    }

    /// Checks whether the pattern matches a whole name.
    ///
    /// Each part between two `*` is taken where it first occurs, which leaves the most characters
    /// to the parts after it. So no part is searched twice, and the time is linear.
    pub(crate) fn matches(self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let last = parts.next_back().unwrap_or_default();
        let rest = name.strip_prefix(first);
        let Some(mut rest) = rest.and_then(|rest| rest.strip_suffix(last)) else {
            return false;
        };
        parts.all(|part| match rest.split_once(part) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    }

    /// How specific the pattern is: the number of its other characters, and then that of its `*`,
    /// of which fewer are more specific. Adjacent `*` count as one.
    ///
    /// If one pattern matches only some of the names that another one matches, it is more specific.
    pub(crate) fn specificity(self) -> (usize, Reverse<usize>) {
        let is_star = |byte: &u8| *byte == b'*';
        let runs = self.0.as_bytes().chunk_by(|a, b| is_star(a) == is_star(b));
        let stars = runs.filter(|run| run.first().is_some_and(is_star)).count();
        (self.literals(), Reverse(stars))
    }

    /// The number of characters besides `*`.
    pub(crate) fn literals(self) -> usize {
        self.0.chars().filter(|character| *character != '*').count()
    }

    /// What is before the first `*`, and what is after the last one.
    pub(crate) fn ends(self) -> (&'p str, &'p str) {
        let (start, rest) = self.0.split_once('*').unwrap_or((self.0, ""));
        let end = rest.rsplit_once('*').map_or(rest, |(_, end)| end);
        (start, end)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::of(text).expect("it has a `*`")
    }

    #[test]
    fn a_star_stands_for_any_characters_at_any_place() {
        for (text, name, matches) in [
            ("*", "", true),
            ("*", "anything", true),
            ("**", "", true),
            ("log_*", "log_", true),
            ("log_*", "log_0a1b", true),
            ("log_*", "log", false),
            ("log_*", "slog_0a1b", false),
            ("*_log", "console_log", true),
            ("*_log", "console_logs", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "aXbbYc", true),
            ("a*b*c", "aXcYb", false),
            ("ab*ba", "aba", false),
            ("ab*ba", "abba", true),
            ("*π*", "2π r", true),
            ("a*b", "a*b", true),
        ] {
            assert_eq!(pattern(text).matches(name), matches, "{text} {name}");
        }
        assert!(Pattern::of("log").is_none());
    }

    #[test]
    fn the_ends_are_before_the_first_and_after_the_last_star() {
        for (text, ends) in [
            ("*", ("", "")),
            ("log_*", ("log_", "")),
            ("*_log", ("", "_log")),
            ("a*b*c", ("a", "c")),
        ] {
            assert_eq!(pattern(text).ends(), ends);
        }
    }

    /// A guest chooses the name. A matcher that tries each place for each `*` would not end.
    #[test]
    fn the_time_for_a_hostile_name_is_linear() {
        let name = "a".repeat(100_000);
        let before = Instant::now();
        assert!(!pattern(&("*a".repeat(1_000) + "*b*")).matches(&name));
        assert!(!pattern(&format!("*{}b*", "a".repeat(1_000))).matches(&name));
        assert!(pattern(&"a*".repeat(1_000)).matches(&name));
        assert!(before.elapsed() < Duration::from_secs(5));
    }

    /// Tries each place for each `*`.
    fn naive(pattern: &str, name: &str) -> bool {
        let mut characters = pattern.chars();
        let mut names = name.chars();
        match characters.next() {
            None => name.is_empty(),
            Some('*') => {
                naive(characters.as_str(), name)
                    || (names.next().is_some() && naive(pattern, names.as_str()))
            }
            some => names.next() == some && naive(characters.as_str(), names.as_str()),
        }
    }

    proptest! {
        #[test]
        fn matches_what_a_naive_matcher_matches(text in "[abé*]{0,8}", name in "[abé*]{0,10}") {
            if let Some(pattern) = Pattern::of(&text) {
                prop_assert_eq!(pattern.matches(&name), naive(&text, &name));
            }
        }

        /// A pattern matches all names that another one matches exactly if it matches the text of
        /// the other one, because only a `*` matches a `*`.
        #[test]
        fn a_pattern_with_fewer_names_is_more_specific(
            one in "[ab*]{0,3}\\*[ab*]{0,3}",
            other in "[ab*]{0,3}\\*[ab*]{0,3}",
        ) {
            let (a, b) = (pattern(&one), pattern(&other));
            match (a.matches(&other), b.matches(&one)) {
                (true, true) => prop_assert_eq!(a.specificity(), b.specificity()),
                (true, false) => prop_assert!(a.specificity() < b.specificity()),
                (false, true) => prop_assert!(a.specificity() > b.specificity()),
                (false, false) => {}
            }
        }
    }
}

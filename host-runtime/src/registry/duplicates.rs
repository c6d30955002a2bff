//! The error of a set in which two items are one import.

use std::fmt;

use crate::registry::{HostImport, Offer};

/// Two host functions or globals for one import.
#[derive(Clone, Debug)]
pub struct DuplicateImportsError {
    pairs: Vec<(HostImport, HostImport)>,
    /// What they are offered as.
    offers: Vec<[Offer; 2]>,
}

impl DuplicateImportsError {
    /// An error if there are any duplicates.
    pub(super) fn of(offers: Vec<[Offer; 2]>) -> Result<(), Self> {
        if offers.is_empty() {
            return Ok(());
        }
        let pairs = offers.iter().map(|[a, b]| (a.item(), b.item())).collect();
        Err(Self { pairs, offers })
    }

    /// The items that have the same module and name, in pairs.
    #[must_use]
    pub fn pairs(&self) -> &[(HostImport, HostImport)] {
        &self.pairs
    }
}

impl fmt::Display for DuplicateImportsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, [a, b]) in self.offers.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            let what = match (a.item(), b.item()) {
                (HostImport::Function(_), HostImport::Function(_)) => "two host functions are",
                (HostImport::Global(_), HostImport::Global(_)) => "two globals are",
                _ => "a host function and a global are both",
            };
            let remedy = if a.is_alias() || b.is_alias() {
                "give the alias another name"
            } else {
                "rename one with `name = \"…\"`"
            };
            let import = crate::message::import(a.module(), a.name());
            let (a, b) = (a.item(), b.item());
            write!(
                f,
                "{what} called {import}: {} ({}) and {} ({}); {remedy} or leave it out with \
                 `Imports::filter`",
                a.code(),
                a.location(),
                b.code(),
                b.location()
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for DuplicateImportsError {}

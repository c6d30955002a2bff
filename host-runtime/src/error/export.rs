//! Errors of exports that are looked up by name.

use crate::{
    error::WrongStoreError,
    message::{self, nearest},
};

/// Why an export of a guest cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// No export has the name.
    #[error(
        "the guest exports no {wanted} `{}`{}",
        message::escaped(.name), suggestions(.nearest, *.functions)
    )]
    Missing {
        /// The name that was looked up.
        name: String,
        /// What was looked up: `function`, `table` or `global`.
        wanted: &'static str,
        /// Exported functions with similar names, the most similar first, or the first few
        /// functions if no name is similar.
        nearest: Vec<String>,
        /// The number of exported functions, if a function was looked up and the number is known.
        functions: Option<usize>,
    },
    /// The export is of another kind.
    #[error(
        "the guest's export `{}` is a {kind}, not a {wanted}{}",
        message::escaped(.name), advice(.kind)
    )]
    OtherKind {
        /// The name that was looked up.
        name: String,
        /// What was looked up: `function`, `table` or `global`.
        wanted: &'static str,
        /// What it is: `function`, `memory`, `table`, `global` or `tag`.
        kind: &'static str,
    },
    /// The export has another type.
    #[error("the guest's `{}` is {found}, but it is used as {wanted}", message::escaped(.name))]
    OtherType {
        /// The name.
        name: String,
        /// Its type in the text format.
        found: String,
        /// The type that it is used with.
        wanted: String,
    },
    /// A global cannot be changed.
    #[error("the guest's global `{}` is not mutable", message::escaped(.name))]
    NotMutable {
        /// The name.
        name: String,
    },
    /// The exports of the guest cannot be looked up, because the host calls the host function.
    #[error(
        "the host calls this host function for a guest, so the guest's export `{}` cannot be \
         looked up here; look it up in the host function that makes the call",
        message::escaped(.name)
    )]
    CalledByHost {
        /// The name of the export.
        name: String,
    },
    /// An index is past the end of a table.
    #[error("{index} is past the end of the guest's table `{}`, which has {size} entries",
        message::escaped(.name))]
    Index {
        /// The name of the table.
        name: String,
        /// The index.
        index: u64,
        /// The number of entries.
        size: u64,
    },
    /// It belongs to another instance than the guest that it is used with.
    #[error(transparent)]
    WrongStore(#[from] WrongStoreError),
}

fn suggestions(nearest: &[String], functions: Option<usize>) -> String {
    functions.map_or_else(String::new, |functions| {
        format!("; {}", nearest::listed(nearest, functions))
    })
}

fn advice(kind: &str) -> &'static str {
    match kind {
        "memory" => "; `Instance::read` and `Guest::read` read it",
        _ => "",
    }
}

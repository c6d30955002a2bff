//! The error of a guest without a memory for host functions.

use std::fmt;

/// Why host functions cannot find a memory of the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoMemoryError {
    /// The module exports no memory, and imports none.
    NoneExported,
    /// The module imports its memory and does not export it, the embedder compiled it, and the
    /// store may contain another instance. So the memory of the calling instance is not known.
    ImportedOnly,
    /// The module exports several memories, and none is called `memory`. Contains their names.
    Several(Vec<String>),
    /// The module exports no memory, and imports several of which none is called `memory`. Contains
    /// their names.
    SeveralImported(Vec<String>),
    /// The module defines several memories and exports none.
    SeveralDefined,
    /// The module exports no memory by the name that the attribute or the embedder gives.
    NotNamed {
        /// That name.
        wanted: String,
        /// The memories that the module exports.
        exported: Vec<String>,
    },
    /// The store of the instance was replaced by another one.
    StoreReplaced,
    /// The memory is shared between threads, and nothing can be borrowed from it.
    Shared,
    /// The host itself called the function. Or a guest called it by a tail call, and its memory is
    /// not called `memory`.
    NoGuest,
    /// A parameter's type reads memory, and its `FromGuest::MEMORY` is not set.
    NotAsked,
}

impl fmt::Display for NoMemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoneExported => f.write_str(
                "the guest exports no memory; give the module a memory, and export it unless \
                 `Runtime::load` loads the module",
            ),
            Self::ImportedOnly => f.write_str(
                "the guest imports its memory and does not export it, and the store may hold other \
                 instances; load the module by `Runtime::load` in place of \
                 `Runtime::instantiate_pre`, or export the memory",
            ),
            Self::SeveralDefined => f.write_str(
                "the guest has several memories and exports none; export the one that host \
                 functions use",
            ),
            Self::Several(names) => {
                f.write_str("the guest exports several memories (")?;
                crate::message::quoted(f, names)?;
                f.write_str(
                    "); select one with `memory = \"…\"` in the attribute or with \
                                             `RuntimeBuilder::memory`",
                )
            }
            Self::SeveralImported(names) => {
                f.write_str("the guest imports several memories (")?;
                crate::message::quoted(f, names)?;
                f.write_str(
                    "); export the one that host functions use, or, if a `Runtime` provides it, \
                     import it as `memory`",
                )
            }
            Self::NotNamed { wanted, exported } => {
                write!(
                    f,
                    "the guest exports no memory called `{}`; it exports ",
                    crate::message::escaped(wanted)
                )?;
                crate::message::quoted(f, exported)
            }
            Self::StoreReplaced => f.write_str(
                "the store of the instance was replaced through `Instance::store_mut`; put the \
                 original store back",
            ),
            Self::Shared => f.write_str(
                "the guest's memory is shared between threads, so nothing can be borrowed from \
                 it; take a copy, such as `String` or `Vec<T>`",
            ),
            Self::NoGuest => f.write_str(
                "no guest called the host function, or a guest called it with a tail call and its \
                 memory is not called `memory`",
            ),
            Self::NotAsked => f.write_str(
                "no parameter of the function declares that it reads memory (`FromGuest::MEMORY`)",
            ),
        }
    }
}

//! Why a guest has no table that callbacks can be looked up in.

use std::fmt;

/// Why a guest has no table of functions that a host function could look a callback up in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoTableError {
    /// The module exports no table of functions.
    NoneExported,
    /// The module exports several and none has a usual name: their names.
    Several(Vec<String>),
    /// The module exports none, and imports or defines several of which none has a usual name.
    SeveralUnexported,
    /// The module exports no table of functions of the name that the function or the embedder asks
    /// for.
    NotNamed {
        /// The name that was asked for.
        wanted: String,
        /// The tables of functions that the module exports.
        exported: Vec<String>,
    },
}

impl fmt::Display for NoTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoneExported => f.write_str(
                "the guest exports no table of functions for callbacks; link it with \
                 `--export-table`, or `--exportTable` for AssemblyScript",
            ),
            Self::Several(names) => {
                f.write_str("the guest exports several tables of functions (")?;
                crate::message::quoted(f, names)?;
                f.write_str(
                    "); select one with `table = \"…\"` in the attribute or with \
                                             `RuntimeBuilder::table`",
                )
            }
            Self::SeveralUnexported => f.write_str(
                "the guest has several tables of functions and exports none; export the one that \
                 has the callbacks, or, if a `Runtime` provides it, import it as `table`",
            ),
            Self::NotNamed { wanted, exported } => {
                write!(
                    f,
                    "the guest exports no function table called `{}`; it exports ",
                    crate::message::escaped(wanted)
                )?;
                crate::message::quoted(f, exported)
            }
        }
    }
}

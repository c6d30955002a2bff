//! The records of annotated functions, and the sets of them.

#[cfg(feature = "collect")]
mod collect;
mod function;
mod imports;

#[cfg(feature = "collect")]
pub use self::collect::{Anchor, CollectError, Collected};
pub(crate) use self::function::{Needs, func_text};
pub use self::{
    function::{Entry, HostFunction, Location, NotLowered, Parameter, Probe, Record, StateNeed},
    imports::{DuplicateImports, HostImports, Imports, listed},
};

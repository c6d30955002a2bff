//! The records of annotated items, and the sets of them.

#[cfg(feature = "collect")]
mod collect;
mod declaration;
mod function;
mod global;
mod import;
mod imports;

#[cfg(feature = "collect")]
pub use self::collect::{Anchor, CollectError, Collected};
pub(crate) use self::function::CallShape;
pub use self::{
    declaration::{Declaration, Location, Source},
    function::{HostFunction, NotLowered, Parameter, Probe, Record},
    global::{GlobalImport, HostGlobal, MutableGlobal},
    import::HostImport,
    imports::{DuplicateImportsError, HostImports, Imports, Listed, listed},
};

//! The records of annotated items, and the sets of them.

#[cfg(feature = "collect")]
mod collect;
mod declaration;
mod duplicates;
mod function;
mod global;
mod import;
mod imports;
mod offer;
mod pattern;

#[cfg(feature = "collect")]
pub use self::collect::{Anchor, CollectError, Collected};
pub use self::{
    declaration::{Declaration, Location, Source},
    duplicates::DuplicateImportsError,
    function::{Extras, HostFunction, NotLowered, Parameter, Probe, Record},
    global::{GlobalImport, HostGlobal, MutableGlobal},
    import::HostImport,
    imports::{HostImports, Imports, Listed, listed},
};
pub(crate) use self::{function::CallShape, imports::Found, offer::Offer, pattern::Pattern};

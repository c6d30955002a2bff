//! Links modules: compares their imports with the host's, and defines host functions.

mod add_to_linker;
mod global;
mod report;
mod subtyping;

pub(crate) use self::report::{LinkedFunction, ProvidedType};
pub use self::{
    add_to_linker::LinkError,
    report::{AmbiguousImport, Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

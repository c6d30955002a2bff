//! From records to Wasmtime's `Linker`.

mod add;
mod fit;
mod global;
mod report;

pub(crate) use self::report::{LinkedFunction, ProvidedType};
pub use self::{
    add::LinkError,
    report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

//! From records to Wasmtime's `Linker`.

mod add;
mod hostcall;
mod report;

pub(crate) use self::hostcall::{Projection, define, define_with_caller};
pub use self::{
    add::LinkError,
    hostcall::{CallerCall, CallerParameter, CallerShim, Shim},
    report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

//! From records to Wasmtime's `Linker`.

mod add;
mod hostcall;
mod report;

pub(crate) use self::hostcall::{
    Enter, Projection, define, define_inlined, define_with_caller, enter,
};
pub use self::{
    add::LinkError,
    hostcall::{CallerCall, CallerParameter, CallerShim, Shim},
    report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

//! From records to Wasmtime's `Linker`.

mod add;
mod guest_call;
mod hostcall;
mod report;

pub(crate) use self::guest_call::{EnterWithGuest, define_with_guest, enter_with_guest};
pub(crate) use self::hostcall::{
    Enter, Projection, define, define_inlined, define_with_caller, enter,
};
pub use self::{
    add::LinkError,
    guest_call::{GuestCall, GuestShim},
    hostcall::{CallerCall, CallerParameter, CallerShim, Mode, Shim},
    report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

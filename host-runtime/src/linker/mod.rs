//! From records to Wasmtime's `Linker`.

mod access;
mod add;
mod caller_call;
mod fit;
mod global;
mod guest_call;
mod hostcall;
mod report;
mod store_call;
mod wanted;

pub(crate) use self::access::TABLES;
pub(crate) use self::caller_call::{Projection, define_with_caller};
pub(crate) use self::global::{global, read_global};
pub(crate) use self::guest_call::{EnterWithGuest, define_with_guest, enter_with_guest};
pub(crate) use self::hostcall::{Enter, define, define_inlined, enter};
pub(crate) use self::report::{Given, Used};
pub(crate) use self::wanted::Wanted;
pub use self::{
    add::LinkError,
    caller_call::{CallerCall, CallerParameter, CallerShim},
    guest_call::{GuestCall, GuestShim},
    hostcall::{Mode, Shim},
    report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

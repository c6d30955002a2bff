//! From records to Wasmtime's `Linker`.

mod access;
mod add;
mod caller_call;
mod define;
mod fit;
mod global;
mod guest_call;
mod hostcall;
mod report;
mod store_call;
mod trampoline;
mod wanted;

pub(crate) use self::caller_call::define_with_caller;
pub(crate) use self::define::define_in_runtime;
pub(crate) use self::global::{global, known_global, read_global};
pub(crate) use self::guest_call::{EnterWithGuest, enter_with_guest};
pub(crate) use self::hostcall::{Enter, define_inlined, enter};
pub(crate) use self::report::{Given, Used};
pub(crate) use self::trampoline::{CallType, Trampoline, Trampolines};
pub(crate) use self::wanted::Wanted;
pub use self::{
    add::LinkError,
    caller_call::{CallerCall, CallerParameter, CallerShim},
    guest_call::{GuestCall, GuestShim},
    hostcall::{Mode, Shim},
    report::{Import, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
};

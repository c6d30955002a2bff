//! The way of a call: from Wasmtime's slots to the user's function, and back.

mod access;
mod define;
mod entry;
mod error;
mod find;
mod plain;
mod raw;
mod store_call;
mod wanted;
mod with_caller;
mod with_guest;

pub(crate) use self::{
    define::{define, define_in_runtime},
    entry::Entry,
    plain::{Enter, define_inlined, enter},
    wanted::Wanted,
    with_caller::{Projection, define_with_caller},
    with_guest::{EnterWithGuest, enter_with_guest},
};
pub use self::{
    error::HostCallError,
    plain::{Mode, Shim},
    with_caller::{CallerCall, CallerParameter, CallerShim},
    with_guest::{GuestCall, GuestShim},
};

//! The way of a call: from Wasmtime's slots to the user's function, and back.

mod access;
mod define;
mod entry;
mod error;
mod function_import;
mod memory;
mod plain;
mod store_call;
mod with_caller;
mod with_guest;

pub(crate) use self::{
    define::{MockSlots, define, define_in_runtime, define_inlined, define_with_caller},
    entry::Entry,
    function_import::FunctionImport,
    plain::{Enter, enter},
    with_caller::Projection,
    with_guest::{EnterWithGuest, enter_with_guest},
};
pub use self::{
    error::HostCallError,
    plain::Shim,
    with_caller::{CallerCall, CallerParameter, CallerShim},
    with_guest::{GuestCall, GuestShim},
};

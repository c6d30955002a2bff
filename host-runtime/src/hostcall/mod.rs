//! Hostcalls: from Wasmtime's slots to the user's function, and back.

mod access;
mod alias;
mod define;
mod entry;
mod error;
mod function_import;
mod memory;
mod plain;
mod shim;
mod store_call;
mod with_caller;
mod with_guest;
mod with_references;

pub(crate) use self::{
    define::{MockSlots, define, define_in_runtime, make_in_runtime},
    entry::Entry,
    function_import::{FunctionImport, ImportName},
    plain::Enter,
    with_caller::Projection,
    with_guest::EnterWithGuest,
};
pub use self::{
    error::HostCallError,
    plain::{Plain, PlainContext},
    shim::{Shim, ShimEntry, ShimKind},
    with_caller::{CallerContext, CallerParameter, WithCaller},
    with_guest::{GuestContext, WithGuest},
};

//! The same five hundred functions, written by hand.

#[cfg(not(feature = "none"))]
use host_runtime::wasmtime::{Caller, Extern, Linker, Result, format_err};

/// The state of some of the functions.
pub struct Total(pub i64);

#[cfg(not(feature = "none"))]
include!(concat!(env!("OUT_DIR"), "/functions.rs"));

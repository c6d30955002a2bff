//! Five hundred annotated functions, to see how long they take to compile.

#[cfg(not(feature = "none"))]
use host_runtime::wasm_import;

/// The state of some.
pub struct Total(pub i64);

#[cfg(not(feature = "none"))]
include!(concat!(env!("OUT_DIR"), "/functions.rs"));

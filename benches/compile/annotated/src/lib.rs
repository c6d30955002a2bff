//! Five hundred annotated functions, to measure their compile time.

#[cfg(not(feature = "none"))]
use host_runtime::wasm_import;

/// The state of some of the functions.
pub struct Total(pub i64);

#[cfg(not(feature = "none"))]
include!(concat!(env!("OUT_DIR"), "/functions.rs"));

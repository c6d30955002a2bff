//! Five hundred annotated functions, to see how long they take to compile.

use host_runtime::wasm_import;

/// The state of some.
pub struct Total(pub i64);

include!(concat!(env!("OUT_DIR"), "/functions.rs"));

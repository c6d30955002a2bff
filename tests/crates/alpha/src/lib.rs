//! Host functions of a crate. The crate `collected` also calls one of them from Rust.

use host_runtime::wasm_import;

/// Adds one.
#[must_use]
#[wasm_import(module = "alpha")]
pub fn one_more(x: i32) -> i32 {
    x + 1
}

#[wasm_import(module = "alpha")]
fn twice(x: i32) -> i32 {
    2 * x
}

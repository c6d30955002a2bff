use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
pub use std::fmt;

fn main() {}

use host_runtime::{wasm_import, wasmtime::V128};

#[wasm_import(module = "ffi")]
fn shuffle(_lanes: Option<V128>) {}

fn main() {}

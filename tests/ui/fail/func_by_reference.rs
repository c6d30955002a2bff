use host_runtime::{wasm_import, wasmtime::Func};

#[wasm_import(module = "ffi")]
fn listen(_listener: &Func) {}

fn main() {}

use host_runtime::{wasm_import, wasmtime::ExternRef};

#[wasm_import(module = "ffi")]
fn hold(_object: Option<ExternRef>) {}

fn main() {}

use host_runtime::{values::Indirect, wasm_import};

#[wasm_import(module = "ffi")]
fn emit(_chunk: Indirect<u32>) {}

fn main() {}

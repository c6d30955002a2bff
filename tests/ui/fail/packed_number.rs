use host_runtime::{values::PointerLow, wasm_import};

#[wasm_import(module = "ffi")]
fn emit(_chunk: PointerLow<u32>) {}

fn main() {}

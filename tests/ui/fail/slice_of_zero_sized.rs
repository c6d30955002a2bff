use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn fill(_units: &mut [[u8; 0]]) {}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn read(_x: &char) {}

fn main() {}

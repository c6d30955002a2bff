use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn write(bytes: [u8]) {}

fn main() {}

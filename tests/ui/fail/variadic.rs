use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn printf(_format: &str, _: ...) {}

fn main() {}

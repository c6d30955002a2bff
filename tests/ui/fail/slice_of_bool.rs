use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn count(_flags: &mut [bool]) {}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn sum(_values: &[usize]) {}

fn main() {}

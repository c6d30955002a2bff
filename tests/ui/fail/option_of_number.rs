use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn set(_x: Option<i32>) {}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
#[wasm_import(module = "env")]
fn print(_x: i32) {}

fn main() {}

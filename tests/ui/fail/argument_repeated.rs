use host_runtime::wasm_import;

#[wasm_import(module = "ffi", module = "env")]
fn print(_x: i32) {}

fn main() {}

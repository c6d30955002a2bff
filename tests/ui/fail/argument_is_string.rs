use host_runtime::wasm_import;

#[wasm_import("ffi")]
fn print(_x: i32) {}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn print(_x: impl Into<i64>) {}

fn main() {}

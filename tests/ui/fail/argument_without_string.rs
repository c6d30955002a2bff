use host_runtime::wasm_import;

#[wasm_import(module = 1)]
fn print(_x: i32) {}

fn main() {}

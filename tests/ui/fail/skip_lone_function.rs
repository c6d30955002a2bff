use host_runtime::wasm_import;

#[wasm_import(skip)]
fn print(_x: i32) {}

fn main() {}

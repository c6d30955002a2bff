use host_runtime::wasm_import;

#[wasm_import(names = [])]
fn print(_x: i32) {}

fn main() {}

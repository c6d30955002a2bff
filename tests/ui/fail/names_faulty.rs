use host_runtime::wasm_import;

#[wasm_import(names = ["print", "", "log", "print"])]
fn print(_x: i32) {}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(name = "print", names = ["log"])]
fn print(_x: i32) {}

fn main() {}

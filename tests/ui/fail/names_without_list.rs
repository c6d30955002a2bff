use host_runtime::wasm_import;

#[wasm_import(names = "print")]
fn print(_x: i32) {}

#[wasm_import(names = ["log" "print"])]
fn log(_x: i32) {}

fn main() {}

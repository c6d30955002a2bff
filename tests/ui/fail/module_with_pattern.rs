use host_runtime::wasm_import;

#[wasm_import(module = "wbg_*")]
fn print(_x: i32) {}

fn main() {}

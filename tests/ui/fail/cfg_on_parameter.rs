use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn print(_x: i32, #[cfg(unix)] _y: i32) {}

fn main() {}

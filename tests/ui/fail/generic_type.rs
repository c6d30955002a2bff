use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn print<T>(_x: T) {}

fn main() {}

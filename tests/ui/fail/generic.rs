use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn print<T>(x: T) {}

fn main() {}

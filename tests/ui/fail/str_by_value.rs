use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn print(text: str) {}

fn main() {}

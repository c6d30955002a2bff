use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn join(_parts: Vec<String>) {}

fn main() {}

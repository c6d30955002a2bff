use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn seek(_offset: usize) {}

fn main() {}

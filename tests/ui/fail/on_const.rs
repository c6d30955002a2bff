use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
const LIMIT: i32 = 1;

fn main() {}

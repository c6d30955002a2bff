use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod elsewhere;

fn main() {}

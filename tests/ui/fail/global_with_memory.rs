use host_runtime::wasm_import;

#[wasm_import(memory = "heap")]
const BASE: i32 = 0;

fn main() {}

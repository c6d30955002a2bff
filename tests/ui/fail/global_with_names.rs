use host_runtime::wasm_import;

#[wasm_import(names = ["base"])]
const BASE: i32 = 0;

fn main() {}

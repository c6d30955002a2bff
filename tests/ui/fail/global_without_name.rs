use host_runtime::wasm_import;

#[wasm_import]
const _: i32 = 0;

fn main() {}

use host_runtime::wasm_import;

#[wasm_import]
static u8: i32 = 0;

fn main() {}

use host_runtime::wasm_import;

#[wasm_import]
static mut COUNTER: i32 = 0;

fn main() {}

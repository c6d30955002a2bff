use host_runtime::wasm_import;

#[wasm_import(name = "base_*")]
static BASE: i32 = 0;

fn main() {}

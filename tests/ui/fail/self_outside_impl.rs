use host_runtime::wasm_import;

#[wasm_import(module = "kv")]
fn get(&self) {}

fn main() {}

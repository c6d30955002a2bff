use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn shuffle(_lanes: u128) {}

fn main() {}

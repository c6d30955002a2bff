use host_runtime::wasm_import;

#[wasm_import(crate = host_runtime::<u8>)]
fn f() {}

fn main() {}

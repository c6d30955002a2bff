use host_runtime::{Guest, wasm_import};

#[wasm_import(module = "ffi")]
fn log(_guest: &mut Guest<'_>) {}

fn main() {}

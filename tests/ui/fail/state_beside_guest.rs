use host_runtime::{Guest, wasm_import};

#[wasm_import(module = "ffi")]
fn log(_guest: Guest<'_>, #[state] _lines: &mut Vec<String>) {}

fn main() {}

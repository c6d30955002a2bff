use host_runtime::{Guest, wasm_import};

#[wasm_import(module = "ffi")]
fn log(_guest: Guest<'_>, _again: Guest<'_>) {}

fn main() {}

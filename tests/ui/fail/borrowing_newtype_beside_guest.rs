use host_runtime::{Guest, values::Utf16, wasm_import};

#[wasm_import(module = "ffi")]
fn log(_guest: Guest<'_>, _text: Utf16<'_>) {}

fn main() {}

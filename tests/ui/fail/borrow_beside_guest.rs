use host_runtime::{Guest, wasm_import};

#[wasm_import(module = "ffi")]
fn log(_guest: Guest<'_>, _text: &str, _out: Option<&mut [u8]>) {}

fn main() {}

use host_runtime::{values::OutBuffer, wasm_import};

#[wasm_import(module = "ffi")]
fn spell(_out: OutBuffer<'_, char>) {}

fn main() {}

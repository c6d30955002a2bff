use host_runtime::{Callback, Guest, wasm_import};

#[wasm_import(module = "ffi")]
fn listen(_guest: Guest<'_>, _listener: Callback<(String,), i32>) {}

fn main() {}

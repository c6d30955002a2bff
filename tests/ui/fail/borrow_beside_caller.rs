use host_runtime::wasm_import;

use host_runtime::wasmtime::Caller;

#[wasm_import(module = "ffi")]
fn print(_caller: Caller<'_, ()>, _text: &str) {}

fn main() {}

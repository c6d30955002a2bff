use host_runtime::wasm_import;

use host_runtime::wasmtime::Caller;

#[wasm_import(module = "ffi")]
fn print(_one: Caller<'_, ()>, _other: Caller<'_, ()>) {}

fn main() {}

use host_runtime::wasm_import;

use host_runtime::wasmtime::Caller;

#[wasm_import(module = "ffi")]
fn print(_caller: &mut Caller<'_, ()>, _x: i32) {}

fn main() {}

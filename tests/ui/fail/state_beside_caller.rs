use host_runtime::wasm_import;

use host_runtime::wasmtime::Caller;

struct Kv;

#[wasm_import(module = "ffi")]
fn print(_caller: Caller<'_, ()>, #[state] _kv: &Kv) {}

fn main() {}

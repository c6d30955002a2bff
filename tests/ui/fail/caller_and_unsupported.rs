use host_runtime::wasm_import;

use host_runtime::wasmtime::Caller;

#[wasm_import(module = "ffi")]
fn seek(_caller: Caller<'_, ()>, offset: usize) -> usize {
    offset
}

fn main() {}

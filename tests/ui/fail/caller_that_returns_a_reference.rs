use host_runtime::{HostObject, wasm_import, wasmtime::Caller};

#[wasm_import(module = "ffi")]
fn open(_caller: Caller<'_, ()>) -> HostObject<String> {
    HostObject::new(String::new())
}

fn main() {}

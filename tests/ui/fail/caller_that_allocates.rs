use host_runtime::{Allocated, wasm_import, wasmtime::Caller};

#[wasm_import]
fn get(_caller: Caller<'_, u8>) -> Allocated<String> {
    String::new().into()
}

fn main() {}

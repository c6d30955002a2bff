use host_runtime::{Allocated, wasm_import};

struct Pool;

#[wasm_import(module = "ffi")]
fn name() -> Allocated<String, Pool> {
    String::new().into()
}

fn main() {}

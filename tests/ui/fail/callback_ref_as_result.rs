use host_runtime::{CallbackRef, wasm_import};

#[wasm_import(module = "ffi")]
fn listener() -> CallbackRef<(), ()> {
    unreachable!()
}

fn main() {}

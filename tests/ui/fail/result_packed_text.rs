use host_runtime::{values::PointerHigh, wasm_import};

#[wasm_import(module = "ffi")]
fn name() -> PointerHigh<String> {
    unreachable!()
}

fn main() {}

use host_runtime::{Utf16, wasm_import};

#[wasm_import(module = "ffi")]
fn name() -> Utf16<'static> {
    unreachable!()
}

fn main() {}

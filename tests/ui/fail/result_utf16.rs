use host_runtime::{values::Utf16, wasm_import};

#[wasm_import(module = "ffi")]
fn name() -> Utf16<'static> {
    unreachable!()
}

fn main() {}

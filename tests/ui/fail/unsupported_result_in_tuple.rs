use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn both() -> (i32, Vec<u8>) {
    (1, Vec::new())
}

fn main() {}

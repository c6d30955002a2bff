use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn tail(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(1..)
}

fn main() {}

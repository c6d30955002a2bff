use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn u8(x: u8) -> u8 {
    x
}

fn main() {}

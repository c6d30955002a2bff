use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
unsafe fn peek(address: u32) -> u32 {
    address
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    pub struct Point;
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    #[wasm_import(name = "a")]
    #[wasm_import(name = "b")]
    pub fn print(_x: i32) {}
}

fn main() {}

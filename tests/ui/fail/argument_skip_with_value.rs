use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    pub fn print(_x: i32) {}

    #[wasm_import(skip = "true")]
    pub fn helper() {}
}

fn main() {}

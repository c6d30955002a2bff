use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    pub fn print(_x: i32) {}

    pub fn print(_x: i64) {}
}

fn main() {}

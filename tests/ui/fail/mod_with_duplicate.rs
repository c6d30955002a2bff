use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    pub fn print(_x: i32) {}

    #[wasm_import(name = "print")]
    pub fn print_long(_x: i64) {}
}

fn main() {}

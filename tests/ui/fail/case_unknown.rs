use host_runtime::wasm_import;

#[wasm_import(module = "ffi", rename_all = "x")]
mod ffi {
    pub fn print_number(_x: i32) {}
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi", name = "print")]
mod ffi {
    pub fn print(_x: i32) {}
}

fn main() {}

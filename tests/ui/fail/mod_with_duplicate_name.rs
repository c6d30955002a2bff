use host_runtime::wasm_import;

#[wasm_import(module = "ffi", prefix = "js.")]
mod ffi {
    pub fn print(_x: i32) {}

    #[wasm_import(names = ["log", "print"])]
    pub fn log(_x: i32) {}
}

fn main() {}

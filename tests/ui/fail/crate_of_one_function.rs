use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    #[wasm_import(crate = ::host_runtime)]
    pub fn print(_x: i32) {}
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    #[cfg_attr(all(), wasm_import(name = "getValue"))]
    pub fn get_value() {}

    #[cfg_attr(all(), cfg(any()))]
    pub fn sometimes() {}

    #[cfg_attr(all(), wasm_import)]
    pub const LEVEL: i32 = 1;
}

fn main() {}

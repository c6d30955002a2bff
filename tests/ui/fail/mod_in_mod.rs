use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
mod ffi {
    pub fn shown() {}

    pub mod more {
        pub fn hidden() {}
    }
}

fn main() {}

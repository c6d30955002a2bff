use host_runtime::wasm_import;

macro_rules! functions {
    () => {
        pub fn hidden() {}
    };
}

#[wasm_import(module = "ffi")]
mod ffi {
    functions!();
    pub fn shown() {}
}

fn main() {}

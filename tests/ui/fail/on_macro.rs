use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
macro_rules! _print {
    () => {};
}

fn main() {}

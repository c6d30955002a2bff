use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
pub enum Color {
    Red,
}

fn main() {}

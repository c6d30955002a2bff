use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn trim(text: &str) -> &str {
    text.trim()
}

fn main() {}

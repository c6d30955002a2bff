use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn name() -> String {
    String::new()
}

fn main() {}

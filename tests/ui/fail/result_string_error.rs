use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn open() -> Result<(), String> {
    Err("closed".to_owned())
}

fn main() {}

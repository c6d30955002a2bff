use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn open() -> Result<(), &'static str> {
    Err("closed")
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn size() -> Result<usize, std::io::Error> {
    Ok(1)
}

fn main() {}

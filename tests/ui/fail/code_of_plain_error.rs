use host_runtime::{Code, wasm_import};

#[wasm_import]
fn open() -> Result<(), Code<std::io::Error>> {
    Ok(())
}

fn main() {}

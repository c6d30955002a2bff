use host_runtime::{ErrorCode, wasm_import};

#[wasm_import]
fn open() -> Result<(), ErrorCode<std::io::Error>> {
    Ok(())
}

fn main() {}

use host_runtime::{Code, ResultCode, wasm_import};

#[derive(ResultCode)]
enum Errno {
    Again = 11,
}

#[wasm_import]
fn open() -> Result<u32, Code<Errno>> {
    Ok(3)
}

fn main() {}

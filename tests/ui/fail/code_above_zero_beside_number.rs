use host_runtime::{ErrorCode, ResultCode, wasm_import};

#[derive(ResultCode)]
enum Errno {
    Again = 11,
}

#[wasm_import]
fn open() -> Result<u32, ErrorCode<Errno>> {
    Ok(3)
}

fn main() {}

use host_runtime::{ErrorCode, ResultCode, wasm_import};

#[derive(ResultCode)]
enum Errno {
    Fine = 0,
}

#[wasm_import]
fn open() -> Result<(), ErrorCode<Errno>> {
    Ok(())
}

fn main() {}

use host_runtime::{ErrorCode, ResultCode, wasm_import};

#[derive(ResultCode)]
enum Errno {
    Again = -11,
}

#[wasm_import]
fn open() -> Result<f64, ErrorCode<Errno>> {
    Ok(1.0)
}

fn main() {}

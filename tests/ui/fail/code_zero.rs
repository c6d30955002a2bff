use host_runtime::{Code, ResultCode, wasm_import};

#[derive(ResultCode)]
enum Errno {
    Fine = 0,
}

#[wasm_import]
fn open() -> Result<(), Code<Errno>> {
    Ok(())
}

fn main() {}

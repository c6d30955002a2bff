use host_runtime::{ErrorCode, IntoGuest, ResultCode, wasm_import};

#[derive(ResultCode)]
enum Errno {
    Again = 11,
}

#[derive(IntoGuest)]
struct Opened(Result<u32, ErrorCode<Errno>>);

#[wasm_import]
fn open() -> Opened {
    Opened(Ok(3))
}

fn main() {}

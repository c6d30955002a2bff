use host_runtime::ResultCode;

#[derive(Debug, thiserror::Error, ResultCode)]
enum Faulty {
    #[error("one")]
    #[guest(code = 1)]
    One,
    #[error("another")]
    #[guest(code = 0x1)]
    Another,
    #[error("a third")]
    #[guest(code = 0x1_0000_0000)]
    Third,
}

fn main() {}

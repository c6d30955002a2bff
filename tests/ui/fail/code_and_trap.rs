use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {
    #[guest(code = -2)]
    #[guest(trap)]
    NotFound,
}

fn main() {}

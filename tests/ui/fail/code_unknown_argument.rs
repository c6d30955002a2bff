use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {
    #[guest(number = -2)]
    NotFound,
}

fn main() {}

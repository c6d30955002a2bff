use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {
    #[guest(trap)]
    Gone,
}

fn main() {}

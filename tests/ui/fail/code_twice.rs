use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {
    #[guest(code = -5, code = -6)]
    Two,
    #[guest(code = -1, trap)]
    Both,
}

fn main() {}

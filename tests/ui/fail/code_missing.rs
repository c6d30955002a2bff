use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {
    NotFound = -2,
    Disk(std::io::Error),
    Full,
}

fn main() {}

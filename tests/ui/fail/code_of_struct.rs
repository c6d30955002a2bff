use host_runtime::ResultCode;

#[derive(ResultCode)]
struct FsError(i32);

fn main() {}

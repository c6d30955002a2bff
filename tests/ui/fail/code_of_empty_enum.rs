use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {}

fn main() {}

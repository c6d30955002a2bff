use host_runtime::ResultCode;

#[derive(ResultCode)]
enum FsError {
    #[guest(code = 3.7)]
    Half,
    #[guest(code = 0x1_0000_0005)]
    Long,
}

fn main() {}

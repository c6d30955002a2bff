use host_runtime::imports;

mod ffi {}

fn main() {
    let _ = imports![mod ffi];
}

use host_runtime::imports;

const BASE: i32 = 0;

fn main() {
    let _ = imports![BASE];
}

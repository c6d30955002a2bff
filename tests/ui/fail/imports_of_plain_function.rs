use host_runtime::imports;

fn print(_x: i32) {}

fn main() {
    let _ = imports![print];
}

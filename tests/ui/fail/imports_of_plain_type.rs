use host_runtime::imports;

struct Kv;

fn main() {
    let _ = imports![Kv];
}

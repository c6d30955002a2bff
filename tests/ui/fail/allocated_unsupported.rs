use host_runtime::{Allocated, wasm_import};

struct Kv;

#[wasm_import]
fn get() -> Allocated<Kv> {
    Kv.into()
}

fn main() {}

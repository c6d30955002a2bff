use host_runtime::wasm_import;

struct Kv;

#[wasm_import]
impl Kv {
    #[wasm_import]
    const SIZE: i32 = 0;

    fn get(&self) {}
}

fn main() {}

use host_runtime::wasm_import;

struct Kv;

#[wasm_import(module = "kv")]
impl Kv {
    fn copy(&mut self, #[state] _from: &Self) {}
}

fn main() {}

use host_runtime::wasm_import;

struct Kv;

#[wasm_import(module = "kv")]
impl Kv {
    fn copy(&self) -> Self {
        Self
    }
}

fn main() {}

use host_runtime::wasm_import;

struct Kv;

#[wasm_import(module = "kv", rename_all = "camelCase")]
impl Kv {
    fn get_all(&self) {}

    #[wasm_import(name = "getAll")]
    fn get(&self) {}
}

fn main() {}

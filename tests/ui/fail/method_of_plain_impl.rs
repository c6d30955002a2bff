use host_runtime::wasm_import;

struct Kv;

impl Kv {
    #[wasm_import(module = "kv")]
    fn get(&self, #[state] _log: &String) {}
}

fn main() {}

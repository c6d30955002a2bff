use host_runtime::wasm_import;

use host_runtime::wasmtime::Caller;

struct Kv;

#[wasm_import(module = "kv")]
impl Kv {
    fn get(&self, _caller: Caller<'_, Kv>) {}
}

fn main() {}

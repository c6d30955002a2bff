use host_runtime::wasm_import;

struct Kv;

#[wasm_import(module = "kv")]
fn get(#[state] _kv: Kv) {}

fn main() {}

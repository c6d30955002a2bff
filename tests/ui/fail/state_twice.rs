use host_runtime::wasm_import;

struct Kv;

#[wasm_import(module = "kv")]
fn copy(#[state] _from: &Kv, #[state] _to: &mut Kv) {}

fn main() {}

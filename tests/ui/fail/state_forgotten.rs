//! Host state without `#[state]`: that is said first.

use host_runtime::wasm_import;

struct Kv;

#[wasm_import]
fn get(_kv: &mut Kv, _key: &str) {}

fn main() {}

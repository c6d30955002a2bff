//! If `#[state]` is missing on host state, the first note says so.

use host_runtime::wasm_import;

struct Kv;

#[wasm_import]
fn get(_kv: &mut Kv, _key: &str) {}

fn main() {}

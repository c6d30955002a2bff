use std::sync::atomic::AtomicI32;

use host_runtime::wasm_import;

#[wasm_import]
static COUNTER: AtomicI32 = AtomicI32::new(0);

fn main() {}

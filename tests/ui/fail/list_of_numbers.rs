use host_runtime::{SliceList, wasm_import};

#[wasm_import(module = "ffi")]
fn write(_chunks: SliceList<u32>) {}

fn main() {}

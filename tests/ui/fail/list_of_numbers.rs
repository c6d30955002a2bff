use host_runtime::{values::SliceList, wasm_import};

#[wasm_import(module = "ffi")]
fn write(_chunks: SliceList<u32>) {}

fn main() {}

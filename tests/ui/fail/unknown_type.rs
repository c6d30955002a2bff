use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn draw(_at: Point) {}

fn main() {}

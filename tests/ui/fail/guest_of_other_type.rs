use host_runtime::wasm_import;

struct Visitor;

#[wasm_import(module = "ffi")]
fn greet(#[guest] _guest: Visitor) {}

fn main() {}

use host_runtime::{values::AssemblyScriptString, wasm_import};

#[wasm_import(module = "ffi")]
fn greet(_name: AssemblyScriptString) {}

fn main() {}

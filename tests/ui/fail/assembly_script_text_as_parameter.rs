use host_runtime::{AssemblyScriptText, wasm_import};

#[wasm_import(module = "ffi")]
fn greet(_name: AssemblyScriptText) {}

fn main() {}

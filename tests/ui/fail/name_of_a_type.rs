use host_runtime::wasm_import;

#[allow(non_camel_case_types)]
struct print {}

#[wasm_import(module = "ffi")]
fn print(_x: i32) {}

fn main() {}

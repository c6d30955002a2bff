use std::ffi::CStr;

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn log(_text: CStr) {}

fn main() {}

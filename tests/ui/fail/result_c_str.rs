use std::ffi::CStr;

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn name() -> &'static CStr {
    c"a store"
}

fn main() {}

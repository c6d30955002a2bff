use host_runtime::{Guest, GuestSlice, wasm_import};

#[wasm_import(module = "ffi")]
fn join(_guest: Guest<'_>, _parts: GuestSlice<String>) {}

fn main() {}

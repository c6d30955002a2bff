use host_runtime::{Guest, GuestPointer, wasm_import};

#[wasm_import(module = "ffi")]
fn toggle(_guest: Guest<'_>, _flag: GuestPointer<bool>) {}

fn main() {}

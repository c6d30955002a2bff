//! A guest adds 1 and 2 and prints the sum, with a function of the host.
//!
//! Run it with `cargo run --example print`.

use host_runtime::{Runtime, wasm_import};

/// What the guest imports as `ffi.print`. In a browser, the page would pass a JavaScript function.
#[wasm_import(module = "ffi")]
fn print(x: i32) {
    println!("{x}");
}

fn main() -> anyhow::Result<()> {
    // `Runtime::new` has every annotated function of the program; `guest.wat` imports one of them
    // and calls it from its start function.
    Runtime::new()?.run_file(concat!(env!("CARGO_MANIFEST_DIR"), "/print/guest.wat"))
}

//! A guest adds 1 and 2, and prints the sum with a host function.
//!
//! Run it with `cargo run --example print`.

use host_runtime::{Runtime, wasm_import};

/// The guest imports this function as `ffi.print`. In a browser, it would be a JavaScript function.
#[wasm_import(module = "ffi")]
fn print(x: i32) {
    println!("{x}");
}

fn main() -> anyhow::Result<()> {
    // `Runtime::new` offers every annotated function of the program. `guest.wat` imports `print`
    // and calls it in its start function.
    Runtime::new()?.run_file(concat!(env!("CARGO_MANIFEST_DIR"), "/print/guest.wat"))
}

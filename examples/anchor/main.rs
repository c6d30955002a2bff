//! Host functions from a crate that contains nothing else.
//!
//! The crate `calendar_imports`, in the folder `imports`, has annotated functions. The guest
//! imports them, but no code in this program names them. The program only names the crate, with
//! `link!`.
//!
//! Run it with `cargo run --example anchor`.

use host_runtime::{Runtime, wasm_import};

// Rust links a dependency only if some code names it. If only Cargo.toml lists it, Rust leaves it
// out without a warning, and the guest's imports would be missing. With this line, the crate is
// linked. If the crate has no host functions, `Runtime::new` returns an error.
host_runtime::link!(calendar_imports);

/// A host function of the program itself.
#[wasm_import(module = "ffi")]
fn print(year: u32, days: u32) {
    println!("February {year} has {days} days.");
}

fn main() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    for import in runtime.imports() {
        println!("{}.{}: {}", import.module(), import.name(), import.code());
    }
    runtime.run_file(concat!(env!("CARGO_MANIFEST_DIR"), "/anchor/guest.wat"))
}

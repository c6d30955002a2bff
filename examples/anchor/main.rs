//! Host functions from a crate that does nothing but bring them.
//!
//! `calendar_imports`, in the folder `imports`, annotates functions that no code here names: the
//! guest asks for them. An anchor is all that the program writes.
//!
//! Run it with `cargo run --example anchor`.

use host_runtime::{Runtime, wasm_import};

// Rust links a dependency that some code names, and silently leaves out one that only Cargo.toml
// lists: without this line the guest's imports would be missing. It also has the program fail at
// its start, should the crate turn out to have no host functions.
host_runtime::link!(calendar_imports);

/// What the program itself offers beside them.
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

//! A guest without imports adds 1 and 2, and says nothing of it.
//!
//! Run it with `cargo run --example silent`.

use host_runtime::Runtime;

fn main() -> anyhow::Result<()> {
    // Nothing is imported, so nothing is needed of the host. No line is printed. Without saying so,
    // a program in which no host function was collected would be an error.
    let runtime = Runtime::builder().allow_no_imports().build()?;
    runtime.run_file(concat!(env!("CARGO_MANIFEST_DIR"), "/silent/guest.wat"))
}

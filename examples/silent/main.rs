//! A guest without imports adds 1 and 2, and prints nothing.
//!
//! Run it with `cargo run --example silent`.

use host_runtime::Runtime;

fn main() -> anyhow::Result<()> {
    // The guest imports nothing, so the program has no host functions. By default, `build` returns
    // an error if no host function was collected; `allow_no_imports` allows it.
    let runtime = Runtime::builder().allow_no_imports().build()?;
    runtime.run_file(concat!(env!("CARGO_MANIFEST_DIR"), "/silent/guest.wat"))
}

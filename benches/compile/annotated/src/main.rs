//! A program with the functions, to measure their size.

use bench_compile_annotated::Total;
use host_runtime::Runtime;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let runtime = Runtime::builder().state_with(|| Total(0)).build()?;
    runtime.run_file(path)
}

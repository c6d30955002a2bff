//! A program with the functions, to measure their size.

use bench_compile_by_hand::Total;
use host_runtime::wasmtime::{Engine, Linker, Module, Store};

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let engine = Engine::default();
    let module = Module::from_file(&engine, path)?;
    #[allow(unused_mut, reason = "there may be no functions")]
    let mut linker = Linker::<Total>::new(&engine);
    #[cfg(not(feature = "none"))]
    bench_compile_by_hand::define(&mut linker)?;
    linker.instantiate(&mut Store::new(&engine, Total(0)), &module)?;
    Ok(())
}

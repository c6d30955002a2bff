//! Prints the host functions that link-time collection finds: those of this crate, those of a crate
//! whose function it calls, and those of a crate that only `link!` names. Then it runs a guest that
//! imports functions of all three crates.

use host_runtime::{Imports, Runtime, wasm_import};

host_runtime::link!(test_beta);

#[wasm_import(module = "own")]
fn nothing() {}

fn main() -> anyhow::Result<()> {
    anyhow::ensure!(test_alpha::one_more(1) == 2);
    for function in &Imports::collected()? {
        let (module, name) = (function.module(), function.name());
        println!("{module}.{name} of {}", function.crate_name());
    }
    let mut guest = Runtime::new()?.instantiate(
        r#"(module
            (import "own" "nothing" (func $nothing))
            (import "alpha" "twice" (func $twice (param i32) (result i32)))
            (import "beta" "minus" (func $minus (param i32) (result i32)))
            (func (export "run") (result i32)
                (call $nothing)
                (call $minus (call $twice (i32.const 21)))))"#,
    )?;
    println!("{}", guest.call::<(), i32>("run", ())?);
    Ok(())
}

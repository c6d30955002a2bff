//! A host function works on the memory, the table and the state of the instance that calls it, and
//! on nothing that belongs to another instance or another store.

mod depth;
mod host_data;
mod instances;
mod modules;
mod other_stores;

use host_runtime::{InstancePre, Runtime, RuntimeBuilder, imports, wasm_import, wasmtime::Engine};

/// Sets all bytes of `out` to 7.
#[wasm_import(module = "ffi")]
fn fill(out: &mut [u8]) {
    out.fill(7);
}

/// A guest that imports its memory and does not export it. It passes four bytes of it to `fill`.
const FILLS: &str = r#"(module
    (import "env" "memory" (memory 0))
    (import "ffi" "fill" (func $fill (param i32 i32)))
    (func (export "grow") (drop (memory.grow (i32.const 1))))
    (func (export "fill") (call $fill (i32.const 0) (i32.const 4)))
    (func (export "first") (result i32) (i32.load8_u (i32.const 0))))"#;

fn builder(engine: &Engine) -> RuntimeBuilder {
    Runtime::builder()
        .engine(engine.clone())
        .imports(imports![fill])
}

fn prepared_module() -> (Runtime, InstancePre) {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let prepared = runtime.load(
        r#"(module
            (import "ffi" "fill" (func (param i32 i32)))
            (memory (export "memory") 1)
            (func (export "run") (result i32) (i32.const 1)))"#,
    );
    (runtime, prepared.unwrap())
}

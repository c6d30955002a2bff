//! References, callbacks and instances that are used in another store, and host data that the
//! embedder changes, takes out or replaces.

mod host_data;
mod instance_limit;
mod named_memories;
mod other_stores;

use host_runtime::{Callback, Guest, wasm_import};

#[wasm_import(module = "ffi")]
fn call_back(mut guest: Guest<'_>, back: Callback<(), i32>) -> anyhow::Result<i32> {
    guest.call(&back, ())
}

/// A guest whose function `run` calls `call_back` with a callback that returns `n`.
fn answers(n: i32) -> String {
    format!(
        r#"(module
            (import "ffi" "call_back" (func $call (param i32) (result i32)))
            (memory (export "memory") 1)
            (table (export "table") funcref (elem $answer))
            (func $answer (result i32) (i32.const {n}))
            (func (export "run") (result i32) (call $call (i32.const 0))))"#
    )
}

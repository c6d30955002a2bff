//! Exports of a guest that a trait with `#[wasm_export]` declares.

mod allocation;
mod belonging;
mod calls;
mod checks;
mod depth;
mod tables;

use host_runtime::{Imports, Instance, Runtime};

/// Instantiates a module that imports nothing.
fn guest(module: &str) -> Instance {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    runtime.instantiate(module).unwrap()
}

/// A module with an allocator that never uses memory twice. It counts the allocations in `live`,
/// and keeps the last one that was freed in `freed`.
fn allocating(functions: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") 1)
            (global $next (mut i32) (i32.const 1024))
            (global $live (export "live") (mut i32) (i32.const 0))
            (global $freed (export "freed") (mut i32) (i32.const 0))
            (func $malloc (export "malloc") (param i32) (result i32)
                (global.set $live (i32.add (global.get $live) (i32.const 1)))
                (global.get $next)
                (global.set $next (i32.and (i32.const -16)
                    (i32.add (i32.const 15) (i32.add (global.get $next) (local.get 0))))))
            (func (export "free") (param i32)
                (global.set $freed (local.get 0))
                (global.set $live (i32.sub (global.get $live) (i32.const 1))))
            {functions})"#
    )
}

/// The number of allocations that are not freed.
fn live(guest: &mut Instance) -> i32 {
    guest.guest().exported_global("live").unwrap()
}

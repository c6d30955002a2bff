//! Memories that grow, and memories with small pages.

use host_runtime::{
    Guest, Runtime, imports, wasm_import,
    wasmtime::{self, Engine, Module},
};

use super::{embedder_of, first, length, letter};

#[wasm_import(module = "ffi")]
fn grow(mut guest: Guest<'_>, pages: u32) -> anyhow::Result<u64> {
    guest.grow_memory(pages.into())
}

const GROWS: &str = r#"(module
    (import "ffi" "first" (func $first (param i32 i32) (result i32)))
    (import "ffi" "grow" (func $grow (param i32) (result i64)))
    (memory $m (export "m") 1)
    (data (i32.const 0) "a")
    (func (export "at") (param i32) (result i32)
        (call $first (local.get 0) (i32.const 1)))
    (func (export "put") (param i32) (result i32)
        (i32.store8 (local.get 0) (i32.const 98))
        (i32.const 0))
    (func (export "grow") (param i32) (result i32)
        (memory.grow (local.get 0)))
    (func (export "grow by the host") (param i32) (result i32)
        (local $end i32)
        (drop (call $grow (local.get 0)))
        (local.set $end (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))
        (i32.store8 (local.get $end) (i32.const 99))
        (call $first (local.get $end) (i32.const 1))))"#;

/// Checks that every call uses the address and the size after the last growth.
fn check_growth(mut call: impl FnMut(&str, i32) -> anyhow::Result<i32>) {
    for _ in 0..2 {
        assert_eq!(letter(call("at", 0).unwrap()), 'a');
    }
    assert!(call("at", 70_000).is_err());
    assert_eq!(call("grow", 100).unwrap(), 1);
    call("put", 70_000).unwrap();
    assert_eq!(letter(call("at", 70_000).unwrap()), 'b');
    assert_eq!(letter(call("grow by the host", 200).unwrap()), 'c');
    assert_eq!(letter(call("at", 0).unwrap()), 'a');
}

#[test]
fn a_host_function_uses_the_memory_after_it_grows() {
    let runtime = Runtime::builder()
        .imports(imports![first, grow])
        .config(host_tests::moving())
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(GROWS).unwrap();
    check_growth(|name, x| guest.call(name, x));
}

#[test]
fn a_host_function_in_an_embedders_linker_uses_the_memory_after_it_grows() {
    let engine = Engine::new(&host_tests::moving()).unwrap();
    let (linker, mut store) = embedder_of(&engine, &imports![first, grow]);
    let module = Module::new(&engine, GROWS).unwrap();
    let guest = linker.instantiate(&mut store, &module).unwrap();
    check_growth(|name, x| {
        let function = guest.get_typed_func(&mut store, name)?;
        Ok(function.call(&mut store, x)?)
    });
}

/// The pages have one byte each, so the length need not be a multiple of 64 KiB.
#[test]
fn bounds_are_checked_in_a_memory_with_small_pages() {
    let mut config = wasmtime::Config::new();
    config.wasm_custom_page_sizes(true);
    let runtime = Runtime::builder().imports(imports![length]).config(config);
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                (memory (export "memory") 13 (pagesize 1))
                (func (export "run") (param i32 i32) (result i32)
                    (call $length (local.get 0) (local.get 1))))"#,
        )
        .unwrap();
    let mut run = |pointer, length| guest.call::<(i32, i32), i32>("run", (pointer, length));
    assert_eq!(run(0, 13).unwrap(), 13);
    assert!(format!("{:#}", run(1, 13).unwrap_err()).contains("the memory, 13 bytes"));
}

//! Host functions that call other host functions through the exports of the guest.

use host_runtime::{Guest, Runtime, errors::ExportError, imports, wasm_import};

#[wasm_import(module = "host")]
fn first(bytes: &[u8]) -> u32 {
    bytes[0].into()
}

#[wasm_import(module = "host", memory = "heap")]
fn first_of_heap(bytes: &[u8]) -> u32 {
    bytes[0].into()
}

/// This function uses the memory `heap`. The function that it calls uses `memory`.
#[wasm_import(module = "host", memory = "heap")]
fn call_first(mut guest: Guest<'_>) -> anyhow::Result<u32> {
    guest.call("first", (0_u32, 1_u32))
}

#[wasm_import(module = "host")]
fn call_first_of_heap(mut guest: Guest<'_>) -> anyhow::Result<u32> {
    guest.call("first_of_heap", (0_u32, 1_u32))
}

/// Calls all functions above. Two of them call a host function again.
#[wasm_import(module = "host")]
fn call_twice(mut guest: Guest<'_>) -> anyhow::Result<u32> {
    let mut all = 0;
    for name in ["first", "first_of_heap"] {
        all = 10 * all + guest.call::<_, u32>(name, (0_u32, 1_u32))?;
    }
    for name in ["call_first", "call_first_of_heap"] {
        all = 10 * all + guest.call::<(), u32>(name, ())?;
    }
    Ok(all)
}

/// Calls `call_first`, which calls an export that was not looked up before.
#[wasm_import(module = "host")]
fn call_unknown(mut guest: Guest<'_>) -> anyhow::Result<u32> {
    guest.call("call_first", ())
}

#[test]
fn an_export_that_cannot_be_looked_up_is_an_error() {
    let runtime = Runtime::builder()
        .imports(imports![first, call_first, call_unknown])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "host" "first" (func $first (param i32 i32) (result i32)))
                (import "host" "call_first" (func $call_first (result i32)))
                (import "host" "call_unknown" (func $call_unknown (result i32)))
                (memory (export "memory") 1)
                (memory (export "heap") 1)
                (export "first" (func $first))
                (export "call_first" (func $call_first))
                (func (export "run") (result i32) (call $call_unknown)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), u32>("run", ()).unwrap(), 0);
    guest.store_mut();
    let error = guest.call::<(), u32>("run", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ExportError>().unwrap().to_string(),
        "the host calls this host function for a guest, so the guest's export `first` cannot be \
         looked up here; look it up in the host function that makes the call"
    );
}

#[test]
fn a_host_function_that_another_calls_uses_its_own_memory() {
    let runtime = Runtime::builder()
        .imports(imports![
            first,
            first_of_heap,
            call_first,
            call_first_of_heap,
            call_twice
        ])
        .build()
        .unwrap();
    let module = runtime
        .load(
            r#"(module
                (import "host" "first" (func $first (param i32 i32) (result i32)))
                (import "host" "first_of_heap" (func $first_of_heap (param i32 i32) (result i32)))
                (import "host" "call_first" (func $call_first (result i32)))
                (import "host" "call_first_of_heap" (func $call_first_of_heap (result i32)))
                (import "host" "call_twice" (func $call_twice (result i32)))
                (memory $memory (export "memory") 1)
                (memory $heap (export "heap") 1)
                (data (memory $memory) (i32.const 0) "\01")
                (data (memory $heap) (i32.const 0) "\02")
                (export "first" (func $first))
                (export "first_of_heap" (func $first_of_heap))
                (export "call_first" (func $call_first))
                (export "call_first_of_heap" (func $call_first_of_heap))
                (func (export "one") (result i32) (call $call_first))
                (func (export "two") (result i32) (call $call_first_of_heap))
                (func (export "twice") (result i32) (call $call_twice)))"#,
        )
        .unwrap();
    for with_store_mut in [false, true] {
        let mut guest = module.instantiate().unwrap();
        if with_store_mut {
            guest.store_mut();
        }
        for (name, expected) in [("one", 1), ("two", 2), ("twice", 1212)] {
            assert_eq!(
                guest.call::<(), u32>(name, ()).unwrap(),
                expected,
                "{name} {with_store_mut}"
            );
        }
    }
}

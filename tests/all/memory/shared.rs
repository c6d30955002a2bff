//! Shared memories.

use std::{
    ffi::CString,
    sync::atomic::{AtomicBool, Ordering},
};

use host_runtime::{
    Guest, GuestPointer, GuestSlice, HostData, Runtime, ValueError,
    errors::NoMemoryError,
    imports, wasm_import,
    wasmtime::{MemoryType, Module, SharedMemory, Store},
};

use super::{copied, engine_with_shared_memory, guest, host_functions};
use crate::support;

#[test]
fn borrowing_from_a_shared_memory_is_an_error() {
    let runtime = Runtime::builder().imports(host_functions());
    let runtime = runtime.engine(engine_with_shared_memory()).build().unwrap();
    let mut instance = runtime
        .instantiate(guest(r#"(memory (export "m") 1 1 shared)"#))
        .unwrap();
    let error = instance.call::<(), i32>("first", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "the guest's memory is shared between threads, so nothing can be borrowed from it; take a \
         copy, such as `String` or `Vec<T>`"
    );
}

#[wasm_import(module = "ffi")]
fn filled(mut guest: Guest<'_>, bytes: GuestSlice<u8>, with: u8) -> Result<(), ValueError> {
    bytes.write(&mut guest, &[with; 64])
}

#[wasm_import(module = "ffi")]
fn cleared(mut guest: Guest<'_>, byte: GuestPointer<u8>) -> Result<(), ValueError> {
    byte.write(&mut guest, 0)
}

/// Two guests on two threads share one memory. One guest fills a part of the memory with 255 and
/// with 0 in turn, both by itself and by the host function `filled`. The other guest has the host
/// copy that part until the copies have changed ten times. Each guest also checks a host write to a
/// part that the other guest does not use.
#[test]
fn a_shared_memory_is_read_and_written_by_two_threads() {
    let engine = engine_with_shared_memory();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let module = r#"(module
        (import "env" "memory" (memory 1 1 shared))
        (import "ffi" "copied" (func $copied (param i32 i32 i32) (result i32 i32)))
        (import "ffi" "filled" (func $filled (param i32 i32 i32)))
        (import "ffi" "cleared" (func $cleared (param i32)))
        (export "m" (memory 0))
        (func (export "fill")
            (memory.fill (i32.const 0) (i32.const 255) (i32.const 64))
            (call $filled (i32.const 0) (i32.const 64) (i32.const 0))
            (call $filled (i32.const 0) (i32.const 64) (i32.const 255))
            (memory.fill (i32.const 0) (i32.const 0) (i32.const 64))
            (i32.store8 (i32.const 191) (i32.const 0))
            (call $filled (i32.const 128) (i32.const 64) (i32.const 255))
            (if (i32.ne (i32.load8_u (i32.const 191)) (i32.const 255)) (then (unreachable))))
        (func (export "copy") (result i32 i32)
            (i32.store (i32.const 1024) (i32.const 0))
            (i32.store (i32.const 1028) (i32.const 7))
            (call $cleared (i32.const 33))
            (i32.store8 (i32.const 256) (i32.const 1))
            (call $cleared (i32.const 256))
            (if (i32.load8_u (i32.const 256)) (then (unreachable)))
            (call $copied (i32.const 0) (i32.const 64) (i32.const 1024))))"#;
    let module = Module::new(&engine, module).unwrap();
    let instance = || {
        let mut linker = support::linker(&engine, &imports![copied, filled, cleared]);
        let mut store = Store::new(&engine, HostData::new());
        linker
            .define(&store, "env", "memory", memory.clone())
            .unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        (store, instance)
    };
    let seen = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let filling = scope.spawn(|| {
            let (mut store, guest) = instance();
            let fill = guest.get_typed_func::<(), ()>(&mut store, "fill").unwrap();
            while !seen.load(Ordering::Relaxed) {
                fill.call(&mut store, ()).unwrap();
            }
        });
        let instance = &instance;
        let copying = scope.spawn(move || {
            let (mut store, guest) = instance();
            let copy = guest.get_typed_func::<(), (u32, u32)>(&mut store, "copy");
            let copy = copy.unwrap();
            let (mut changes, mut last) = (0, 0);
            while changes < 10 {
                assert!(!filling.is_finished(), "the filling thread has ended");
                let (numbers, ones) = copy.call(&mut store, ()).unwrap();
                assert_eq!(numbers, 7);
                changes += u32::from((ones == 0) != (last == 0));
                last = ones;
            }
        });
        let copied = copying.join();
        seen.store(true, Ordering::Relaxed);
        copied.unwrap();
    });
}

#[wasm_import(module = "ffi")]
fn text_length(text: CString) -> u32 {
    u32::try_from(text.count_bytes()).unwrap()
}

#[wasm_import(module = "ffi")]
fn numbers(numbers: Vec<u32>) -> u32 {
    u32::try_from(numbers.len()).unwrap()
}

#[test]
fn text_and_slices_in_a_shared_memory_are_copied() {
    let engine = engine_with_shared_memory();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let runtime = Runtime::builder()
        .engine(engine)
        .imports(imports![text_length, numbers])
        .copy_budget(10_000)
        .provide("env", "memory", memory)
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "env" "memory" (memory 1 1 shared))
                (import "ffi" "text_length" (func $length (param i32) (result i32)))
                (import "ffi" "numbers" (func $numbers (param i32 i32) (result i32)))
                (func (export "fill") (param $from i32) (param $to i32)
                    (memory.fill (i32.const 0) (i32.const 120) (i32.const 65536))
                    (i32.store8 (local.get $to) (i32.const 0)))
                (func (export "length") (param i32) (result i32) (call $length (local.get 0)))
                (func (export "numbers") (param i32) (result i32) (call $numbers (local.get 0) (i32.const 2))))"#,
        )
        .unwrap();
    for (from, nul) in [
        (0, 0),
        (5, 5),
        (1, 1024),
        (1, 1025),
        (100, 5000),
        (65530, 65535),
    ] {
        guest.call::<(u32, u32), ()>("fill", (from, nul)).unwrap();
        assert_eq!(guest.call::<u32, u32>("length", from).unwrap(), nul - from);
    }
    let mut reason = |at: u32| {
        let error = guest.call::<u32, u32>("length", at).unwrap_err();
        error.downcast::<ValueError>().unwrap()
    };
    assert!(matches!(reason(40000), ValueError::OverBudget { .. }));
    assert!(matches!(reason(65536), ValueError::NoNul { .. }));
    assert!(matches!(reason(65537), ValueError::OutOfBounds { .. }));
    // The copy is always aligned, but the guest's pointer must be aligned too.
    assert_eq!(guest.call::<u32, u32>("numbers", 8).unwrap(), 2);
    let error = guest.call::<u32, u32>("numbers", 9).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::Misaligned { align: 4, .. })
    ));
}

#[test]
fn an_imported_shared_memory_can_be_copied_from_and_not_borrowed() {
    let engine = engine_with_shared_memory();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let runtime = Runtime::builder()
        .engine(engine)
        .imports(imports![copied])
        .provide("env", "memory", memory)
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "env" "memory" (memory 1 1 shared))
                (import "ffi" "copied" (func $copied (param i32 i32 i32) (result i32 i32)))
                (func (export "copy") (result i32 i32)
                    (call $copied (i32.const 0) (i32.const 64) (i32.const 1024))))"#,
        )
        .unwrap();
    let page_of_zeros = guest.call::<(), (u32, u32)>("copy", ()).unwrap();
    assert_eq!(page_of_zeros, (0, 0));
    assert_eq!(
        guest.memory(),
        Err(ValueError::NoMemory(NoMemoryError::Shared))
    );
}

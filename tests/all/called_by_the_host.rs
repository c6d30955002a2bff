//! Host functions that the host calls: through an export of a guest, or as a callback.

use std::{
    panic,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use host_runtime::{
    Callback, Guest, HostCallError, HostData, Imports, Runtime, ValueError, errors::NoMemoryError,
    imports, values::ReturnPointer, wasm_import, wasmtime,
};
use wasmtime::{Engine, Instance, MemoryType, Module, Store};

use crate::support;

#[wasm_import(module = "ffi")]
fn length(text: &[u8]) -> u32 {
    text.len().try_into().unwrap_or(u32::MAX)
}

#[wasm_import(module = "ffi", memory = "heap")]
fn length_in_heap(text: &[u8]) -> u32 {
    length(text)
}

/// Calls the callback with a pointer and a length.
#[wasm_import(module = "ffi")]
fn call(mut guest: Guest<'_>, back: Callback<(u32, u32), u32>) -> anyhow::Result<u32> {
    guest.call(&back, (0, 5))
}

/// A guest with host functions in its exports and its table. Its exports `run` and `run_in_heap`
/// call the host functions from the guest.
const GUEST: &str = r#"(module
    (import "ffi" "length" (func $length (param i32 i32) (result i32)))
    (import "ffi" "length_in_heap" (func $length_in_heap (param i32 i32) (result i32)))
    (import "ffi" "call" (func $call (param i32) (result i32)))
    (memory (export "memory") 1)
    (export "heap" (memory 0))
    (table (export "table") funcref (elem $length $length_in_heap $twice))
    (export "length" (func $length))
    (export "length_in_heap" (func $length_in_heap))
    (func $twice (param i32 i32) (result i32)
        (i32.mul (i32.const 2) (call $length (local.get 0) (local.get 1))))
    (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 5)))
    (func (export "run_in_heap") (result i32) (call $length_in_heap (i32.const 0) (i32.const 5)))
    (func (export "call") (param i32) (result i32) (call $call (local.get 0))))"#;

fn host_functions() -> Imports {
    imports![length, length_in_heap, call]
}

fn embedder() -> (Store<HostData>, Instance) {
    let engine = Engine::default();
    let linker = support::linker(&engine, &host_functions());
    let mut store = Store::new(&engine, HostData::new());
    let module = Module::new(&engine, GUEST).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

fn is_no_guest_error(error: &wasmtime::Error) -> bool {
    let reason = error.downcast_ref::<ValueError>();
    matches!(reason, Some(ValueError::NoMemory(NoMemoryError::NoGuest)))
}

/// Calls the export `name` from the host with a pointer and a length.
fn call_export(
    store: &mut Store<HostData>,
    instance: Instance,
    name: &str,
) -> wasmtime::Result<u32> {
    let func = instance.get_typed_func::<(u32, u32), u32>(&mut *store, name)?;
    func.call(store, (0, 5))
}

fn run(store: &mut Store<HostData>, instance: Instance, name: &str) -> u32 {
    let func = instance
        .get_typed_func::<(), u32>(&mut *store, name)
        .unwrap();
    func.call(store, ()).unwrap()
}

/// Counts the panics of this thread from now on. Caught panics count too.
fn count_panics() -> impl Fn() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let (this, hook) = (thread::current().id(), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == this {
            COUNT.fetch_add(1, Ordering::Relaxed);
        }
        hook(info);
    }));
    || COUNT.load(Ordering::Relaxed)
}

#[test]
fn a_host_function_called_through_an_export_has_no_guest() {
    let (mut store, instance) = embedder();
    for (name, guest) in [("length", "run"), ("length_in_heap", "run_in_heap")] {
        // Before the first call from the guest, and after it.
        for _ in 0..2 {
            let error = call_export(&mut store, instance, name).unwrap_err();
            assert!(is_no_guest_error(&error), "{error:?}");
            let expected = format!(
                "the host called `ffi.{name}` directly, but `text: &[u8]` needs a calling guest \
                 (tests/all/called_by_the_host.rs:"
            );
            assert!(format!("{error:#}").contains(&expected), "{error:#}");
            assert_eq!(run(&mut store, instance, guest), 5);
        }
    }
}

#[test]
fn a_host_function_called_as_a_callback_uses_the_memory_of_its_guest() {
    let panics = count_panics();
    let (mut store, instance) = embedder();
    let call = instance
        .get_typed_func::<u32, u32>(&mut store, "call")
        .unwrap();
    for guest in ["run", "run_in_heap"] {
        for index in 0..2 {
            assert_eq!(call.call(&mut store, index).unwrap(), 5);
        }
        assert_eq!(run(&mut store, instance, guest), 5);
        assert_eq!(call.call(&mut store, 2).unwrap(), 10);
    }

    // The same is true in a runtime's store to which the embedder has access.
    let mut guest = support::guest(host_functions(), GUEST);
    for _ in 0..2 {
        guest.store_mut();
        assert_eq!(guest.call::<(), u32>("run", ()).unwrap(), 5);
        let error = guest.call::<(u32, u32), u32>("length", (0, 5)).unwrap_err();
        assert!(is_no_guest_error(&wasmtime::Error::from_anyhow(error)));
        assert_eq!(guest.call::<u32, u32>("call", 0).unwrap(), 5);
        assert_eq!(guest.call::<u32, u32>("call", 2).unwrap(), 10);
    }
    assert_eq!(panics(), 0, "a call panicked");
}

#[test]
fn a_host_function_called_as_a_callback_uses_the_memory_that_its_guest_imports() {
    let runtime = Runtime::builder().imports(host_functions()).provide(
        "env",
        "memory",
        MemoryType::new(1, None),
    );
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                (import "ffi" "call" (func $call (param i32) (result i32)))
                (table (export "table") funcref (elem $length))
                (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 5)))
                (func (export "call") (result i32) (call $call (i32.const 0))))"#,
        )
        .unwrap();
    for _ in 0..2 {
        guest.store_mut();
        assert_eq!(guest.call::<(), u32>("call", ()).unwrap(), 5);
        assert_eq!(guest.call::<(), u32>("run", ()).unwrap(), 5);
    }
}

#[test]
fn the_error_for_a_missing_guest_does_not_blame_the_return_pointer() {
    #[wasm_import(module = "ffi")]
    fn answer() -> ReturnPointer<u32> {
        ReturnPointer(42)
    }
    let mut guest = support::guest(
        imports![answer],
        r#"(module
                (import "ffi" "answer" (func $answer (param i32)))
                (memory (export "memory") 1)
                (export "answer" (func $answer)))"#,
    );
    guest.store_mut();
    let error = guest.call::<u32, ()>("answer", 0).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert!(!place.is_return_pointer());
    assert!(is_no_guest_error(&wasmtime::Error::from_anyhow(error)));
}

/// Calls the callback with the callback's own index. In the test, the callback is this function.
#[wasm_import(module = "ffi")]
fn around(mut guest: Guest<'_>, back: Callback<u32, u32>) -> anyhow::Result<u32> {
    let index = u32::try_from(back.index())?;
    guest.call(&back, index)
}

/// Calls the guest's export `again`. In the test, the export is this function.
#[wasm_import(module = "ffi")]
fn again(mut guest: Guest<'_>, x: u32) -> anyhow::Result<u32> {
    guest.call("again", x)
}

#[test]
fn host_functions_that_call_themselves_exhaust_the_stack() {
    let mut guest = support::guest(
        imports![around, again],
        r#"(module
                (import "ffi" "around" (func $around (param i32) (result i32)))
                (import "ffi" "again" (func $again (param i32) (result i32)))
                (table (export "table") funcref (elem $again $around))
                (export "again" (func $again))
                (func (export "callback") (result i32) (call $around (i32.const 1)))
                (func (export "name") (result i32) (call $again (i32.const 1))))"#,
    );
    let errors = thread::spawn(move || {
        ["callback", "name"]
            .map(|name| format!("{:#}", guest.call::<(), u32>(name, ()).unwrap_err()))
    });
    for error in errors.join().unwrap() {
        assert!(error.contains("call stack exhausted"), "{error}");
        assert_eq!(error.matches("failed").count(), 1, "{error}");
    }
}

#[test]
fn a_call_through_an_export_uses_the_memory_of_the_only_instance_in_a_store() {
    let mut guest = support::guest(host_functions(), GUEST);
    assert_eq!(guest.call::<(u32, u32), u32>("length", (0, 5)).unwrap(), 5);
    assert_eq!(guest.call::<u32, u32>("call", 0).unwrap(), 5);
}

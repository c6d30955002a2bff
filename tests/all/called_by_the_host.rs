//! Host functions that no guest calls: the host itself does, where a guest has passed one on.

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

/// Calls back with a pointer and a length.
#[wasm_import(module = "ffi")]
fn call(mut guest: Guest<'_>, back: Callback<(u32, u32), u32>) -> anyhow::Result<u32> {
    guest.call(&back, (0, 5))
}

/// Exports what it imports, has it in its table, and calls it itself by `run` and `run_in_heap`.
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

fn set() -> Imports {
    imports![length, length_in_heap, call]
}

fn embedder() -> (Store<HostData>, Instance) {
    let engine = Engine::default();
    let linker = support::linker(&engine, &set());
    let mut store = Store::new(&engine, HostData::new());
    let module = Module::new(&engine, GUEST).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    (store, instance)
}

fn is_no_guest(error: &wasmtime::Error) -> bool {
    let reason = error.downcast_ref::<ValueError>();
    matches!(reason, Some(ValueError::NoMemory(NoMemoryError::NoGuest)))
}

/// What `name` returns for a pointer and a length.
fn direct(store: &mut Store<HostData>, instance: Instance, name: &str) -> wasmtime::Result<u32> {
    let func = instance.get_typed_func::<(u32, u32), u32>(&mut *store, name)?;
    func.call(store, (0, 5))
}

fn run(store: &mut Store<HostData>, instance: Instance, name: &str) -> u32 {
    let func = instance
        .get_typed_func::<(), u32>(&mut *store, name)
        .unwrap();
    func.call(store, ()).unwrap()
}

/// Counts the panics of this thread from now on, those that are caught as well.
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
fn an_import_that_is_exported_has_no_guest() {
    let (mut store, instance) = embedder();
    for (name, guest) in [("length", "run"), ("length_in_heap", "run_in_heap")] {
        // Before the guest's memory is known, and after.
        for _ in 0..2 {
            let error = direct(&mut store, instance, name).unwrap_err();
            assert!(is_no_guest(&error), "{error:?}");
            let said = format!(
                "the host called `ffi.{name}` directly, but `text: &[u8]` needs a calling guest \
                 (tests/all/called_by_the_host.rs:"
            );
            assert!(format!("{error:#}").contains(&said), "{error:#}");
            assert_eq!(run(&mut store, instance, guest), 5);
        }
    }
}

#[test]
fn an_import_that_is_a_callback_has_the_memory_of_its_guest() {
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

    // Nor in a runtime's store that others can use.
    let mut guest = support::guest(set(), GUEST);
    for _ in 0..2 {
        guest.store_mut();
        assert_eq!(guest.call::<(), u32>("run", ()).unwrap(), 5);
        let error = guest.call::<(u32, u32), u32>("length", (0, 5)).unwrap_err();
        assert!(is_no_guest(&wasmtime::Error::from_anyhow(error)));
        assert_eq!(guest.call::<u32, u32>("call", 0).unwrap(), 5);
        assert_eq!(guest.call::<u32, u32>("call", 2).unwrap(), 10);
    }
    assert_eq!(panics(), 0, "nothing has panicked meanwhile");
}

/// A guest that imports its memory has the host call the host: it is that guest's memory.
#[test]
fn a_callback_has_the_memory_that_its_guest_imports() {
    let runtime =
        Runtime::builder()
            .imports(set())
            .provide("env", "memory", MemoryType::new(1, None));
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

/// What a function would return has no place either, and nobody has said a wrong one.
#[test]
fn a_result_without_a_guest_blames_no_return_pointer() {
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
    assert!(is_no_guest(&wasmtime::Error::from_anyhow(error)));
}

/// Calls itself by a callback and by a name, as a guest has it.
#[wasm_import(module = "ffi")]
fn around(mut guest: Guest<'_>, back: Callback<u32, u32>) -> anyhow::Result<u32> {
    let index = u32::try_from(back.index())?;
    guest.call(&back, index)
}

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
fn in_a_store_of_one_instance_its_memory_is_certain() {
    let mut guest = support::guest(set(), GUEST);
    assert_eq!(guest.call::<(u32, u32), u32>("length", (0, 5)).unwrap(), 5);
    assert_eq!(guest.call::<u32, u32>("call", 0).unwrap(), 5);
}

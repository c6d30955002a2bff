//! Host data that an embedder moves, swaps or replaces.

use std::mem;

use host_runtime::{
    Callback, Guest, HostData, Runtime, ValueError,
    errors::NoMemoryError,
    imports, wasm_import,
    wasmtime::{Caller, Config, Engine, Linker, MemoryType, Module, SharedMemory, Store},
};

use super::{fill, prepared_module};
use crate::support;

#[wasm_import(module = "ffi")]
fn write(mut guest: Guest<'_>, at: host_runtime::GuestPointer<u32>) -> Result<(), ValueError> {
    at.write(&mut guest, 7)
}

/// The host data is moved from a store with a shared memory to a store whose module has no memory.
#[test]
fn host_data_that_is_moved_to_another_store_does_not_keep_the_memory_of_the_first() {
    let mut config = Config::new();
    config.wasm_threads(true).shared_memory(true);
    let engine = Engine::new(&config).unwrap();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let shared = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![write])
        .provide("env", "memory", memory.clone());
    let module = r#"(module
        (import "env" "memory" (memory 1 1 shared))
        (import "ffi" "write" (func $write (param i32)))
        (func (export "run") (call $write (i32.const 0))))"#;
    let mut first = shared.build().unwrap().instantiate(module).unwrap();
    first.call::<(), ()>("run", ()).unwrap();
    let host = mem::take(first.store_mut().data_mut());

    let other = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![write]);
    let mut second = other
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "ffi" "write" (func $write (param i32)))
                (func (export "run") (call $write (i32.const 0))))"#,
        )
        .unwrap();
    *second.store_mut().data_mut() = host;
    let error = second.call::<(), ()>("run", ()).unwrap_err();
    let reason: &ValueError = error.downcast_ref().unwrap();
    assert_eq!(*reason, ValueError::NoMemory(NoMemoryError::NoneExported));
    // The first instance still works.
    first.call::<(), ()>("run", ()).unwrap();
}

/// Every call of the embedder's projection replaces the host data.
#[test]
fn a_projection_that_replaces_the_host_data_loses_only_the_states() {
    struct App {
        host: HostData,
        projections: u32,
    }
    struct Counter(u32);
    fn project(app: &mut App) -> &mut HostData {
        app.projections += 1;
        app.host = HostData::new();
        if app.projections.is_multiple_of(2) {
            app.host.insert(Counter(0));
        }
        &mut app.host
    }
    #[wasm_import(module = "ffi")]
    fn count(#[state] counter: &mut Counter, text: &str) -> u32 {
        counter.0 += u32::try_from(text.len()).unwrap();
        counter.0
    }
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![count].add_to_linker(&mut linker, project).unwrap();
    let app = App {
        host: HostData::new(),
        projections: 0,
    };
    let mut store = Store::new(&engine, app);
    let module = Module::new(
        &engine,
        r#"(module
            (import "ffi" "count" (func $count (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "run") (result i32) (call $count (i32.const 0) (i32.const 3))))"#,
    );
    let instance = linker.instantiate(&mut store, &module.unwrap()).unwrap();
    let run = instance
        .get_typed_func::<(), u32>(&mut store, "run")
        .unwrap();
    for _ in 0..6 {
        // The call finds the state that the projection inserted, or it fails.
        match run.call(&mut store, ()) {
            Ok(count) => assert_eq!(count, 3),
            Err(error) => assert!(
                error.is::<host_runtime::errors::MissingStateError>(),
                "{error:?}"
            ),
        }
    }
}

#[test]
fn reused_host_data_does_not_keep_the_globals_of_a_dropped_store() {
    #[wasm_import(module = "ffi")]
    static LEVEL: i32 = 3;
    #[wasm_import(module = "ffi")]
    fn level(mut guest: Guest<'_>) -> i32 {
        guest.global::<LEVEL>().unwrap_or(-1)
    }
    struct App {
        host: Box<HostData>,
    }
    fn project(app: &mut App) -> &mut HostData {
        &mut app.host
    }
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "ffi" "level" (func $level (result i32)))
            (func (export "run") (result i32) (call $level)))"#,
    )
    .unwrap();
    let mut host = Box::new(HostData::new());
    for with_global in [true, false, true, false, false] {
        let mut linker = Linker::new(&engine);
        imports![level].add_to_linker(&mut linker, project).unwrap();
        let mut store = Store::new(&engine, App { host });
        if with_global {
            imports![LEVEL]
                .add_globals_to_linker(&mut linker, &mut store, project)
                .unwrap();
        }
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance
            .get_typed_func::<(), i32>(&mut store, "run")
            .unwrap();
        let expected = if with_global { 3 } else { -1 };
        assert_eq!(run.call(&mut store, ()).unwrap(), expected);
        host = store.into_data().host;
    }
}

#[test]
fn instances_work_after_their_host_data_is_swapped() {
    let (_, prepared) = prepared_module();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    mem::swap(a.store_mut().data_mut(), b.store_mut().data_mut());
    for guest in [&mut a, &mut b] {
        assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 1);
    }
}

#[test]
fn a_state_is_missing_until_the_host_data_is_put_back() {
    struct Counter(u32);
    #[wasm_import(module = "ffi")]
    fn up(#[state] counter: &mut Counter) -> u32 {
        counter.0 += 1;
        counter.0
    }
    #[wasm_import(module = "ffi")]
    fn add(#[state] counter: &mut Counter, text: &str) -> u32 {
        counter.0 += u32::try_from(text.len()).unwrap();
        counter.0
    }
    let runtime = Runtime::builder()
        .imports(imports![up, add])
        .state_with(|| Counter(0))
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "up" (func $up (result i32)))
                (import "ffi" "add" (func $add (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "up") (result i32) (call $up))
                (func (export "add") (result i32) (call $add (i32.const 0) (i32.const 2))))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), u32>("up", ()).unwrap(), 1);
    let host = mem::take(guest.store_mut().data_mut());
    for name in ["up", "add"] {
        let error = guest.call::<(), u32>(name, ()).unwrap_err();
        assert!(
            error.is::<host_runtime::errors::MissingStateError>(),
            "{error:?}"
        );
    }
    *guest.store_mut().data_mut() = host;
    assert_eq!(guest.call::<(), u32>("add", ()).unwrap(), 3);
}

/// A host function with a `Caller` parameter replaces the host data within a callback.
#[test]
fn a_guest_works_after_its_host_data_is_replaced_during_a_call() {
    #[wasm_import(module = "ffi")]
    fn call_back(mut guest: Guest<'_>, back: Callback<(), ()>) -> anyhow::Result<()> {
        guest.call(&back, ())
    }
    #[wasm_import(module = "ffi")]
    fn swap(mut caller: Caller<'_, HostData>) {
        *caller.data_mut() = HostData::new();
    }
    let mut guest = support::guest(
        imports![fill, call_back, swap],
        r#"(module
                (import "ffi" "call_back" (func $call (param i32)))
                (import "ffi" "swap" (func $swap))
                (import "ffi" "fill" (func $fill (param i32 i32)))
                (memory (export "memory") 1)
                (table (export "table") funcref (elem $swap $fill_here))
                (func $fill_here (call $fill (i32.const 0) (i32.const 4)))
                (func (export "run")
                    (call $call (i32.const 1))
                    (call $call (i32.const 0))
                    (call $call (i32.const 1))))"#,
    );
    for _ in 0..3 {
        guest.call::<(), ()>("run", ()).unwrap();
        assert_eq!(guest.read(0, 4).unwrap(), [7; 4]);
    }
}

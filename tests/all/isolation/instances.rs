//! Several instances in one store, which the runtime or the embedder adds.

use std::sync::{Arc, Mutex};

use host_runtime::{
    Callback, Guest, HostData, ProvidedImport, Runtime, ValueError, imports, wasm_import,
    wasmtime::{self, Config, Engine, MemoryType, Module, Store, TableType, UpdateDeadline},
};

use super::{FILLS, builder, fill};
use crate::support;

#[test]
fn instances_of_one_module_with_empty_memories_keep_their_own_memories() {
    // All empty memories have the same address with this configuration.
    let engine = Engine::new(&host_tests::moving()).unwrap();
    let runtime = builder(&engine).provide("env", "memory", MemoryType::new(0, None));
    let runtime = runtime.build().unwrap();
    let mut first = runtime.instantiate("(module)").unwrap();
    let guests = runtime.load(FILLS).unwrap();
    let [a, b] = [(); 2].map(|()| guests.instantiate_in(&mut first).unwrap());
    for guest in [a, b] {
        guest.call::<(), ()>(&mut first, "grow", ()).unwrap();
    }
    b.call::<(), ()>(&mut first, "fill", ()).unwrap();
    assert_eq!(a.call::<(), i32>(&mut first, "first", ()).unwrap(), 0);
    assert_eq!(b.call::<(), i32>(&mut first, "first", ()).unwrap(), 7);
}

/// The failing guest puts a function into the table of another guest, and then its start function
/// traps.
#[test]
fn a_guest_that_fails_to_instantiate_does_not_get_the_memory_of_another() {
    let engine = Engine::default();
    let owner = builder(&engine)
        .provide(
            "env",
            "table",
            TableType::new(wasmtime::RefType::FUNCREF, 1, None),
        )
        .build()
        .unwrap();
    let mut owner = owner
        .instantiate(
            r#"(module
                (import "env" "table" (table 1 funcref))
                (func (export "run") (call_indirect (i32.const 0))))"#,
        )
        .unwrap();
    let table = owner.provided("env", "table").unwrap();
    let plugins = builder(&engine)
        .provide("env", "table", table)
        .provide("env", "memory", MemoryType::new(1, None))
        .provide("env", "fails", ProvidedImport::GlobalConst(1.into()))
        .build()
        .unwrap();
    let failing = plugins
        .load(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 1 funcref))
                (import "ffi" "fill" (func $fill (param i32 i32)))
                (elem (table 0) (i32.const 0) func $f)
                (func $f (call $fill (i32.const 0) (i32.const 4)))
                (func $start unreachable)
                (start $start))"#,
        )
        .unwrap();
    let fills = plugins.load(FILLS).unwrap();
    // One guest is instantiated before the failing one, and one after it.
    let before = fills.instantiate_in(&mut owner).unwrap();
    failing.instantiate_in(&mut owner).unwrap_err();
    let after = fills.instantiate_in(&mut owner).unwrap();
    owner.call::<(), ()>("run", ()).unwrap();
    for guest in [before, after] {
        assert_eq!(guest.call::<(), i32>(&mut owner, "first", ()).unwrap(), 0);
    }
}

/// Instantiates the module in this store with a new memory, by an embedder's linker.
fn instantiate_again(
    store: impl wasmtime::AsContextMut<Data = HostData>,
    module: &Module,
) -> wasmtime::Instance {
    let mut store = store;
    let mut linker = support::linker(module.engine(), &imports![fill]);
    let memory = wasmtime::Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define(&store, "env", "memory", memory).unwrap();
    linker.instantiate(&mut store, module).unwrap()
}

fn call(store: &mut Store<HostData>, guest: wasmtime::Instance, name: &str) {
    let func = guest.get_typed_func::<(), ()>(&mut *store, name).unwrap();
    func.call(store, ()).unwrap();
}

fn first_byte(store: &mut Store<HostData>, guest: wasmtime::Instance) -> i32 {
    let func = guest
        .get_typed_func::<(), i32>(&mut *store, "first")
        .unwrap();
    func.call(store, ()).unwrap()
}

#[test]
fn an_instance_that_the_embedder_adds_has_its_own_memory() {
    let runtime = builder(&Engine::default()).provide("env", "memory", MemoryType::new(1, None));
    let prepared = runtime.build().unwrap().load(FILLS).unwrap();
    let mut own = prepared.instantiate().unwrap();
    own.call::<(), ()>("fill", ()).unwrap();
    own.write(0, &[0; 4]).unwrap();
    let other = instantiate_again(own.store_mut(), prepared.module());
    call(own.store_mut(), other, "fill");
    assert_eq!(own.call::<(), i32>("first", ()).unwrap(), 0);
    assert_eq!(first_byte(own.store_mut(), other), 7);
}

#[test]
fn an_instance_that_an_epoch_callback_adds_does_not_use_the_memory_of_the_first() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let added = Arc::new(Mutex::new(None));
    let module: Arc<Mutex<Option<Module>>> = Arc::default();
    let runtime = {
        let (added, module) = (Arc::clone(&added), Arc::clone(&module));
        Runtime::builder()
            .config(config)
            .imports(imports![fill])
            .provide("env", "memory", MemoryType::new(1, None))
            .configure_store(move |store| {
                let (added, module) = (Arc::clone(&added), Arc::clone(&module));
                store.set_epoch_deadline(1);
                store.epoch_deadline_callback(move |store| {
                    let module = module.lock().unwrap().take();
                    if let Some(module) = module {
                        *added.lock().unwrap() = Some(instantiate_again(store, &module));
                    }
                    Ok(UpdateDeadline::Continue(1_000_000))
                });
                Ok(())
            })
            .build()
            .unwrap()
    };
    let prepared = runtime.load(FILLS).unwrap();
    let mut own = prepared.instantiate().unwrap();
    *module.lock().unwrap() = Some(prepared.module().clone());
    runtime.engine().increment_epoch();
    own.call::<(), i32>("first", ()).unwrap();
    let other = added.lock().unwrap().expect("the callback has run");
    call(own.store_mut(), other, "fill");
    assert_eq!(own.call::<(), i32>("first", ()).unwrap(), 0);
}

#[test]
fn a_host_call_of_a_nested_guest_does_not_use_the_memory_of_the_outer_guest() {
    #[wasm_import(module = "ffi")]
    fn call_back(mut guest: Guest<'_>, back: Callback<(), ()>) -> anyhow::Result<()> {
        guest.call(&back, ())
    }
    let engine = Engine::default();
    let linker = support::linker(&engine, &imports![fill, call_back]);
    let mut store = Store::new(&engine, HostData::new());
    let caller = Module::new(
        &engine,
        r#"(module
            (import "ffi" "call_back" (func $call (param i32)))
            (memory (export "memory") 1)
            (table (export "table") 1 funcref)
            (func (export "run") (call $call (i32.const 0))))"#,
    );
    let caller = linker.instantiate(&mut store, &caller.unwrap()).unwrap();
    // This guest tail-calls the host function, exports no memory, and exports its function under
    // the name that a trampoline of the runtime uses.
    let hostile = Module::new(
        &engine,
        r#"(module
            (import "ffi" "fill" (func $fill (param i32 i32)))
            (memory 1)
            (func (export "host-runtime:call") (return_call $fill (i32.const 0) (i32.const 4))))"#,
    );
    let hostile = linker.instantiate(&mut store, &hostile.unwrap()).unwrap();
    let func = hostile.get_func(&mut store, "host-runtime:call");
    let table = caller.get_table(&mut store, "table").unwrap();
    table.set(&mut store, 0, func.into()).unwrap();
    let run = caller.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    for _ in 0..2 {
        let error = run.call(&mut store, ()).unwrap_err();
        assert!(error.is::<ValueError>(), "{error:?}");
        let memory = caller.get_memory(&mut store, "memory").unwrap();
        assert_eq!(memory.data(&store)[..4], [0; 4]);
    }
}

//! The memory that a host function uses in a store with several instances.

use host_runtime::{
    HostData, Runtime, imports, wasm_import,
    wasmtime::{self, Caller, Extern, Instance, Linker, Module},
};

use super::{embedder, first, guest, host_functions, letter, memory};
use crate::support;

/// Two of the four instances are of one module.
#[test]
fn each_instance_has_its_own_memory() {
    let (engine, linker, mut store) = embedder(&host_functions());
    let module = |memories: &str| Module::new(&engine, guest(memories)).unwrap();
    let same = module(&memory("mem", 's'));
    let a = linker
        .instantiate(&mut store, &module(&memory("memory", 'a')))
        .unwrap();
    let b = linker
        .instantiate(&mut store, &module(&memory("b", 'b')))
        .unwrap();
    let c = linker.instantiate(&mut store, &same).unwrap();
    let d = linker.instantiate(&mut store, &same).unwrap();
    d.get_memory(&mut store, "mem")
        .unwrap()
        .write(&mut store, 0, b"d")
        .unwrap();
    let mut call = |instance: &Instance| {
        let first = instance
            .get_typed_func::<(), i32>(&mut store, "first")
            .unwrap();
        letter(first.call(&mut store, ()).unwrap())
    };
    for _ in 0..3 {
        assert_eq!([&a, &b, &c, &d].map(&mut call), ['a', 'b', 's', 'd']);
    }
}

/// The giver passes a function to the taker, which calls it. If it is a function of the giver, then
/// the giver calls the host function. If it is the import itself, then the taker calls it.
#[test]
fn a_host_function_uses_the_memory_of_the_instance_that_calls_it() {
    let giver = r#"(module
        (import "ffi" "first" (func $first (param i32 i32) (result i32)))
        (memory (export "memory") (data "g"))
        (func $own (param i32 i32) (result i32) (call $first (local.get 0) (local.get 1)))
        (elem declare func $own $first)
        (func (export "own") (result funcref) (ref.func $own))
        (func (export "first") (result funcref) (ref.func $first))
        (func (export "run") (result i32) (call $first (i32.const 0) (i32.const 1))))"#;
    let taker = r#"(module
        (type $first (func (param i32 i32) (result i32)))
        (memory (export "t") (data "t"))
        (table 1 funcref)
        (func (export "run") (param funcref) (result i32)
            (table.set (i32.const 0) (local.get 0))
            (call_indirect (type $first) (i32.const 0) (i32.const 1) (i32.const 0))))"#;
    // The store belongs to a runtime and has one instance. After `store_mut` it has two.
    let runtime = Runtime::builder().imports(imports![first]).build().unwrap();
    let mut owner = runtime.instantiate(giver).unwrap();
    assert_eq!(letter(owner.call("run", ()).unwrap()), 'g');
    let giver = owner.raw();
    let module = Module::new(runtime.engine(), taker).unwrap();
    let store = owner.store_mut();
    let taker = Instance::new(&mut *store, &module, &[]).unwrap();
    let run = taker.get_func(&mut *store, "run").unwrap();
    for (export, reads) in [("own", 'g'), ("first", 't'), ("own", 'g')] {
        let give = giver.get_func(&mut *store, export).unwrap();
        let mut func = [host_runtime::wasmtime::Val::I32(0)];
        give.call(&mut *store, &[], &mut func).unwrap();
        let mut result = [host_runtime::wasmtime::Val::I32(0)];
        run.call(&mut *store, &func, &mut result).unwrap();
        assert_eq!(letter(result[0].unwrap_i32()), reads, "{export}");
    }
}

/// The store has more modules than the runtime caches.
#[test]
fn instances_of_many_modules_have_their_own_memories() {
    let (engine, linker, mut store) = embedder(&host_functions());
    let instances: Vec<_> = ('a'..='t')
        .map(|c| {
            let module = Module::new(&engine, guest(&memory(&c.to_string(), c))).unwrap();
            (c, linker.instantiate(&mut store, &module).unwrap())
        })
        .collect();
    for (c, instance) in instances.iter().chain(&instances) {
        let first = instance
            .get_typed_func::<(), i32>(&mut store, "first")
            .unwrap();
        assert_eq!(letter(first.call(&mut store, ()).unwrap()), *c);
    }
}

/// Adds an instance to the store and puts a function of that instance into the caller's table.
#[wasm_import(module = "host")]
fn spawn(mut caller: Caller<'_, HostData>) -> wasmtime::Result<()> {
    let mut linker = Linker::new(caller.engine());
    imports![first]
        .add_to_linker(&mut linker, |host: &mut HostData| host)
        .map_err(wasmtime::Error::new)?;
    let module = Module::new(
        caller.engine(),
        r#"(module
            (import "ffi" "first" (func $first (param i32 i32) (result i32)))
            (memory (export "spawned") (data "s"))
            (func (export "run") (result i32) (call $first (i32.const 0) (i32.const 1))))"#,
    )?;
    let spawned = linker.instantiate(&mut caller, &module)?;
    let run = spawned.get_func(&mut caller, "run");
    let Some(Extern::Table(table)) = caller.get_export("table") else {
        wasmtime::bail!("no table");
    };
    table.set(&mut caller, 0, run.into())
}

#[test]
fn a_start_function_can_add_another_instance_to_the_store() {
    let mut guest = support::guest(
        imports![first, spawn],
        r#"(module
                (import "ffi" "first" (func $first (param i32 i32) (result i32)))
                (import "host" "spawn" (func $spawn))
                (type $run (func (result i32)))
                (memory (export "memory") (data "g"))
                (table (export "table") 1 funcref)
                (start $spawn)
                (func (export "own") (result i32) (call $first (i32.const 0) (i32.const 1)))
                (func (export "spawned") (result i32) (call_indirect (type $run) (i32.const 0))))"#,
    );
    for _ in 0..2 {
        assert_eq!(letter(guest.call("own", ()).unwrap()), 'g');
        assert_eq!(letter(guest.call("spawned", ()).unwrap()), 's');
    }
}

/// A guest that tail-calls a host function leaves no frame on the stack.
#[test]
fn finds_the_memory_of_a_guest_that_tail_calls_the_host_function() {
    let (engine, linker, mut store) = embedder(&imports![first]);
    let module = r#"(module
        (import "ffi" "first" (func $first (param i32 i32) (result i32)))
        (memory (export "memory") (data "t"))
        (func (export "run") (result i32) (return_call $first (i32.const 0) (i32.const 1))))"#;
    let module = Module::new(&engine, module).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(), i32>(&mut store, "run")
        .unwrap();
    assert_eq!(letter(run.call(&mut store, ()).unwrap()), 't');
}

//! Whose memory it is, among the instances of a store.

use host_runtime::{
    HostData, Runtime, imports, wasm_import,
    wasmtime::{self, Caller, Extern, Instance, Linker, Module},
};

use super::{embedder, first, guest, letter, memory, set};
use crate::support;

/// Two instances in one store that call the same import, directly and through each other.
#[test]
fn each_instance_has_its_own_memory() {
    let (engine, linker, mut store) = embedder(&set());
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

/// A function of one instance is passed to another, which calls it: it is the callee that calls
/// the host. The import itself is passed as well: then it is the other that calls.
#[test]
fn a_function_that_is_passed_on_has_the_memory_of_who_calls_the_host() {
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
    // The store begins as a runtime's, with one instance whose memory is known, and is lent then.
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

/// More modules in one store than are remembered at a time.
#[test]
fn more_modules_than_are_remembered_are_told_apart() {
    let (engine, linker, mut store) = embedder(&set());
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

/// Puts another instance into the store of the caller, and a function of it into the caller's
/// table.
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

/// An instance that comes into the store while the first is still starting.
#[test]
fn an_instance_may_come_while_the_first_is_starting() {
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

/// The frame of a guest that tail-calls the host is gone.
#[test]
fn the_memory_is_found_after_a_tail_call() {
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

//! Which memory is the guest's: its own, whatever its name, and whoever else is in the store.

#![expect(
    clippy::needless_pass_by_value,
    reason = "host functions get by value what is copied"
)]

use std::{
    ffi::CString,
    sync::atomic::{AtomicBool, Ordering},
};

use host_runtime::{
    Guest, GuestPointer, GuestSize, GuestSlice, HostData, Imports, Indirect, NoMemoryError,
    ProvidedImport, Runtime, ValueError, imports, wasm_import,
    wasmtime::{
        self, Caller, Engine, Extern, Instance, Linker, MemoryType, Module, RefType, SharedMemory,
        Store, TableType,
    },
};

#[wasm_import(module = "ffi")]
fn first(text: &str) -> u32 {
    text.bytes().next().unwrap_or(0).into()
}

#[wasm_import(module = "ffi", memory = "heap")]
fn first_of_heap(text: &str) -> u32 {
    first(text)
}

/// A guest whose memories are `memories`, that calls both functions with the byte at 0.
fn guest(memories: &str) -> String {
    format!(
        r#"(module
            (import "ffi" "first" (func $first (param i32 i32) (result i32)))
            (import "ffi" "first_of_heap" (func $first_of_heap (param i32 i32) (result i32)))
            {memories}
            (func (export "first") (result i32)
                (call $first (i32.const 0) (i32.const 1)))
            (func (export "first_of_heap") (result i32)
                (call $first_of_heap (i32.const 0) (i32.const 1))))"#
    )
}

/// A memory that holds `letter` at 0.
fn memory(export: &str, letter: char) -> String {
    format!(r#"(memory (export "{export}") (data "{letter}"))"#)
}

fn set() -> Imports {
    imports![first, first_of_heap]
}

/// A linker that is not a runtime's, with `imports`, and a store for it.
fn embedder(imports: &Imports) -> (Engine, Linker<HostData>, Store<HostData>) {
    let engine = Engine::default();
    let (linker, store) = embedder_of(&engine, imports);
    (engine, linker, store)
}

fn embedder_of(engine: &Engine, imports: &Imports) -> (Linker<HostData>, Store<HostData>) {
    let mut linker = Linker::new(engine);
    imports
        .add_to_linker(&mut linker, |host: &mut HostData| host)
        .unwrap();
    (linker, Store::new(engine, HostData::new()))
}

fn letter(code: i32) -> char {
    char::from_u32(code.cast_unsigned()).unwrap()
}

#[test]
fn whatever_its_name() {
    for name in ["memory", "mem", "c", "", "émoire"] {
        let runtime = Runtime::builder().imports(set()).build().unwrap();
        let mut guest = runtime.instantiate(guest(&memory(name, 'x'))).unwrap();
        assert_eq!(letter(guest.call("first", ()).unwrap()), 'x');
        assert_eq!(guest.read(0, 1).unwrap(), b"x");
    }
}

#[test]
fn memory_among_several_or_the_one_that_is_named() {
    let memories = memory("heap", 'h') + &memory("memory", 'm') + &memory("other", 'o');
    let runtime = Runtime::builder().imports(set()).build().unwrap();
    let mut instance = runtime.instantiate(guest(&memories)).unwrap();
    assert_eq!(letter(instance.call("first", ()).unwrap()), 'm');
    assert_eq!(letter(instance.call("first_of_heap", ()).unwrap()), 'h');
    let runtime = Runtime::builder()
        .imports(set())
        .memory("other")
        .build()
        .unwrap();
    let mut instance = runtime.instantiate(guest(&memories)).unwrap();
    assert_eq!(letter(instance.call("first", ()).unwrap()), 'o');
    assert_eq!(letter(instance.call("first_of_heap", ()).unwrap()), 'h');
    assert_eq!(instance.read(0, 1).unwrap(), b"o");
}

#[test]
fn none_of_several_or_of_that_name() {
    let runtime = Runtime::builder().imports(set()).build().unwrap();
    let memories = memory("a", 'a') + &memory("b", 'b');
    let mut instance = runtime.instantiate(guest(&memories)).unwrap();
    let reason = |error: anyhow::Error| error.downcast_ref::<ValueError>().unwrap().to_string();
    assert_eq!(
        reason(instance.call::<(), i32>("first", ()).unwrap_err()),
        "the guest exports several memories (`a`, `b`); name one, by `memory = \"…\"` in the \
         attribute or in the builder"
    );
    assert_eq!(
        reason(instance.call::<(), i32>("first_of_heap", ()).unwrap_err()),
        "the guest exports no memory called `heap`; it exports `a`, `b`"
    );
    assert!(matches!(
        instance.memory(),
        Err(ValueError::NoMemory(NoMemoryError::Several(_)))
    ));
}

fn engine_of_threads() -> Engine {
    let mut config = wasmtime::Config::new();
    config.wasm_threads(true).shared_memory(true);
    Engine::new(&config).unwrap()
}

#[test]
fn a_shared_memory_is_not_borrowed() {
    let runtime = Runtime::builder().imports(set());
    let runtime = runtime.engine(engine_of_threads()).build().unwrap();
    let mut instance = runtime
        .instantiate(guest(r#"(memory (export "m") 1 1 shared)"#))
        .unwrap();
    let error = instance.call::<(), i32>("first", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "the guest's memory is shared between threads, and nothing can be borrowed from it; take \
         what is copied, `String` or `Vec<T>`"
    );
}

/// How many numbers there are, and how many of the bytes are ones; the others are zeros.
#[wasm_import(module = "ffi")]
fn copied(bytes: Vec<u8>, numbers: Indirect<Vec<u32>>) -> (GuestSize, GuestSize) {
    assert!(
        bytes.iter().all(|&byte| byte == 0 || byte == 255),
        "{bytes:?}"
    );
    let ones: u64 = bytes.iter().map(|&byte| u64::from(byte == 255)).sum();
    (numbers.0.len().into(), ones.into())
}

#[wasm_import(module = "ffi")]
fn filled(mut guest: Guest<'_>, bytes: GuestSlice<u8>, with: u8) -> Result<(), ValueError> {
    bytes.write(&mut guest, &[with; 64])
}

#[wasm_import(module = "ffi")]
fn cleared(mut guest: Guest<'_>, byte: GuestPointer<u8>) -> Result<(), ValueError> {
    byte.write(&mut guest, 0)
}

/// Two guests on two threads over one memory: one fills a part of it with bytes of 255 and with
/// zeros, by itself and through the host, until the host, which copies that part out for the other,
/// has seen both come and go. Each also has the host write where the other does not, and looks at
/// it.
#[test]
fn a_shared_memory_is_read_and_written() {
    let engine = engine_of_threads();
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
        let mut linker = Linker::<HostData>::new(&engine);
        imports![copied, filled, cleared]
            .add_to_linker(&mut linker, |host| host)
            .unwrap();
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
                assert!(!filling.is_finished(), "nobody fills it any more");
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

/// Text in a memory of threads is copied piece by piece.
#[test]
fn text_in_a_shared_memory() {
    let engine = engine_of_threads();
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
    // A copy is aligned in any case, and the guest's own must be too.
    assert_eq!(guest.call::<u32, u32>("numbers", 8).unwrap(), 2);
    let error = guest.call::<u32, u32>("numbers", 9).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::Misaligned { align: 4, .. })
    ));
}

#[wasm_import(module = "ffi")]
fn numbers(numbers: Vec<u32>) -> u32 {
    u32::try_from(numbers.len()).unwrap()
}

/// Two instances in one store that call the same import, directly and through each other.
#[test]
fn each_instance_its_own() {
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
fn through_functions_that_are_passed_on() {
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
fn more_modules_than_are_remembered() {
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

#[wasm_import(module = "ffi")]
fn grow(mut guest: Guest<'_>, pages: u32) -> wasmtime::Result<u64> {
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
    (func (export "have the host grow it") (param i32) (result i32)
        (local $end i32)
        (drop (call $grow (local.get 0)))
        (local.set $end (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))
        (i32.store8 (local.get $end) (i32.const 99))
        (call $first (local.get $end) (i32.const 1))))"#;

/// Nothing of the old memory is kept.
fn grows(mut call: impl FnMut(&str, i32) -> anyhow::Result<i32>) {
    for _ in 0..2 {
        assert_eq!(letter(call("at", 0).unwrap()), 'a');
    }
    assert!(call("at", 70_000).is_err());
    assert_eq!(call("grow", 100).unwrap(), 1);
    call("put", 70_000).unwrap();
    assert_eq!(letter(call("at", 70_000).unwrap()), 'b');
    assert_eq!(letter(call("have the host grow it", 200).unwrap()), 'c');
    assert_eq!(letter(call("at", 0).unwrap()), 'a');
}

#[test]
fn a_memory_that_grows() {
    let runtime = Runtime::builder()
        .imports(imports![first, grow])
        .config(host_tests::moving())
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(GROWS).unwrap();
    grows(|name, x| guest.call(name, x));
}

#[test]
fn a_memory_that_grows_in_a_foreign_linker() {
    let engine = Engine::new(&host_tests::moving()).unwrap();
    let (linker, mut store) = embedder_of(&engine, &imports![first, grow]);
    let module = Module::new(&engine, GROWS).unwrap();
    let guest = linker.instantiate(&mut store, &module).unwrap();
    grows(|name, x| {
        let function = guest.get_typed_func(&mut store, name)?;
        Ok(function.call(&mut store, x)?)
    });
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
fn another_instance_from_the_start_on() {
    let runtime = Runtime::builder()
        .imports(imports![first, spawn])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "first" (func $first (param i32 i32) (result i32)))
                (import "host" "spawn" (func $spawn))
                (type $run (func (result i32)))
                (memory (export "memory") (data "g"))
                (table (export "table") 1 funcref)
                (start $spawn)
                (func (export "own") (result i32) (call $first (i32.const 0) (i32.const 1)))
                (func (export "spawned") (result i32) (call_indirect (type $run) (i32.const 0))))"#,
        )
        .unwrap();
    for _ in 0..2 {
        assert_eq!(letter(guest.call("own", ()).unwrap()), 'g');
        assert_eq!(letter(guest.call("spawned", ()).unwrap()), 's');
    }
}

/// The frame of a guest that tail-calls the host is gone.
#[test]
fn after_a_tail_call() {
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

#[wasm_import(module = "wide")]
mod wide {
    use host_runtime::{GuestSize, Indirect, SliceList};

    pub fn sum(numbers: &[u16], out: &mut u64) -> GuestSize {
        *out = numbers.iter().copied().map(u64::from).sum();
        GuestSize(numbers.len() as u64)
    }
    pub fn through(text: Indirect<String>) -> u64 {
        text.0.len() as u64
    }
    pub fn each(list: SliceList<&[u8]>) -> u64 {
        list.0.iter().map(|bytes| bytes.len() as u64).sum()
    }
}

/// A guest with a memory of 64-bit addresses: a slice at 16, a pointer and a length at 32.
const WIDE: &str = r#"(module
    (import "wide" "sum" (func $sum (param i64 i64 i64) (result i64)))
    (import "wide" "through" (func $through (param i64) (result i64)))
    (import "wide" "each" (func $each (param i64 i64) (result i64)))
    (memory (export "m") i64 1)
    (data (i64.const 16) "\01\00\02\00\03\00")
    (data (i64.const 32) "\10\00\00\00\00\00\00\00\05\00\00\00\00\00\00\00")
    (func (export "sum") (param i64 i64) (result i64 i64)
        (call $sum (local.get 0) (local.get 1) (i64.const 8))
        (i64.load (i64.const 8)))
    (func (export "through") (param i64) (result i64) (call $through (local.get 0)))
    (func (export "each") (param i64) (result i64) (call $each (local.get 0) (i64.const 1))))"#;

#[test]
fn wide_addresses() {
    let runtime = Runtime::builder().imports(imports![mod wide]).build();
    let mut guest = runtime.unwrap().instantiate(WIDE).unwrap();
    let mut sum =
        |pointer: u64, length: u64| guest.call::<(u64, u64), (u64, u64)>("sum", (pointer, length));
    assert_eq!(sum(16, 3).unwrap(), (3, 6));
    for (pointer, length) in [
        (16, 1 << 63),
        (u64::MAX - 1, 1),
        (1 << 32, 1),
        (0, u64::MAX),
    ] {
        let error = sum(pointer, length).unwrap_err();
        let reason = error.downcast_ref::<ValueError>().unwrap();
        assert!(matches!(reason, ValueError::OutOfBounds { .. }), "{reason}");
    }
    assert_eq!(guest.call::<u64, u64>("through", 32).unwrap(), 5);
    assert_eq!(guest.call::<u64, u64>("each", 32).unwrap(), 5);
    let error = guest.call::<u64, u64>("through", 1 << 40).unwrap_err();
    assert!(error.downcast_ref::<ValueError>().is_some());
}

#[test]
fn wide_addresses_in_an_embedders_linker() {
    let engine = Engine::default();
    let module = Module::new(&engine, WIDE).unwrap();
    let mut linker = Linker::<HostData>::new(&engine);
    imports![mod wide]
        .add_to_linker_for(&module, &mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let through = instance.get_typed_func::<u64, u64>(&mut store, "through");
    assert_eq!(through.unwrap().call(&mut store, 32).unwrap(), 5);
}

#[test]
fn a_wide_guest_that_passes_narrow_pointers() {
    let runtime = Runtime::builder().imports(imports![wide::sum]).build();
    let module = r#"(module
        (import "wide" "sum" (func (param i32 i32 i64) (result i64)))
        (memory (export "m") i64 1))"#;
    let error = runtime.unwrap().load(module).unwrap_err().to_string();
    assert!(
        error.contains("host:  (func (param i64 i64 i64) (result i64))"),
        "{error}"
    );
    assert!(
        error.contains("`numbers: &[u16]` is i64 i64 here and i32 i32 in the guest"),
        "{error}"
    );
}

/// Pages of one byte: the memory's end is wherever the guest wants it.
#[test]
fn pages_of_another_size() {
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

#[wasm_import(module = "ffi")]
fn length(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap()
}

#[test]
fn a_memory_that_is_named_for_one_instance() {
    let memories = memory("heap", 'h') + &memory("memory", 'm');
    let runtime = Runtime::builder().imports(set()).build().unwrap();
    let prepared = runtime.load(guest(&memories)).unwrap();
    let mut instance = prepared
        .instantiate_with(|host| host.set_memory_name("heap"))
        .unwrap();
    assert_eq!(letter(instance.call("first", ()).unwrap()), 'h');
    assert_eq!(instance.read(0, 1).unwrap(), b"h");
}

/// A guest that imports its memory, and says what is at 0 of it.
const IMPORTING: &str = r#"(module
    (import "env" "memory" (memory 1))
    (import "ffi" "first" (func $first (param i32 i32) (result i32)))
    (func (export "first") (result i32) (call $first (i32.const 0) (i32.const 1)))
    (func $start (drop (call $first (i32.const 0) (i32.const 1))))
    (start $start))"#;

/// Each guest of a store has the memory that it imports, exported again or not.
#[test]
fn imported_memories() {
    let engine = Engine::default();
    let provide = |memory: ProvidedImport| {
        let builder = Runtime::builder().engine(engine.clone());
        let builder = builder.imports(imports![first]);
        builder.provide("env", "memory", memory).build().unwrap()
    };
    let ty = MemoryType::new(1, None);
    let runtime = provide(ty.clone().into());
    let mut a = runtime.instantiate(IMPORTING).unwrap();
    a.write(0, b"a").unwrap();
    assert_eq!(letter(a.call("first", ()).unwrap()), 'a');

    // One guest that shares the memory, and one of another module with a memory of its own.
    let shared = a.provided("env", "memory").unwrap();
    let b = provide(shared.into()).load(IMPORTING).unwrap();
    let b = b.instantiate_in(&mut a).unwrap();
    let c = provide(ty.clone().into()).load(IMPORTING).unwrap();
    let c = c.instantiate_in(&mut a).unwrap();
    assert_eq!(letter(b.call(&mut a, "first", ()).unwrap()), 'a');
    assert_eq!(c.call::<(), i32>(&mut a, "first", ()).unwrap(), 0);
    assert_eq!(letter(a.call("first", ()).unwrap()), 'a');

    // Two instances of one module with two memories.
    let again = provide(ty.into()).load(IMPORTING).unwrap();
    for letter_of in [b"d", b"e"] {
        let guest = again.instantiate_in(&mut a).unwrap();
        let memory = guest.raw().get_memory(a.store_mut(), "host-runtime:memory");
        memory.unwrap().write(a.store_mut(), 0, letter_of).unwrap();
        let first: i32 = guest.call(&mut a, "first", ()).unwrap();
        assert_eq!(letter(first), char::from(letter_of[0]));
    }
    assert_eq!(c.call::<(), i32>(&mut a, "first", ()).unwrap(), 0);
    assert_eq!(letter(a.call("first", ()).unwrap()), 'a');
}

/// A guest calls a function of another one's that leaves no frame: the memory is that one's.
#[test]
fn an_imported_memory_and_a_tail_call() {
    let engine = Engine::default();
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![first])
        .provide("env", "memory", MemoryType::new(1, None))
        .provide("env", "table", TableType::new(RefType::FUNCREF, 1, None));
    let mut a = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 1 funcref))
                (func (export "run") (result i32)
                    (call_indirect (result i32) (i32.const 0))))"#,
        )
        .unwrap();
    a.write(0, b"a").unwrap();
    let table = a.provided("env", "table").unwrap();
    let b = Runtime::builder()
        .engine(engine)
        .imports(imports![first])
        .provide("env", "table", table);
    let b = b.build().unwrap();
    let join = |a: &mut host_runtime::Instance, memory: &str| {
        let guest = format!(
            r#"(module
                (import "env" "table" (table 1 funcref))
                (import "ffi" "first" (func $first (param i32 i32) (result i32)))
                (memory (export "{memory}") (data "b"))
                (elem (table 0) (i32.const 0) func $f)
                (func $f (result i32) (return_call $first (i32.const 0) (i32.const 1))))"#
        );
        b.load(guest).unwrap().instantiate_in(a).unwrap();
    };
    for memory in ["memory", "heap"] {
        join(&mut a, memory);
        assert_eq!(letter(a.call("run", ()).unwrap()), 'b');
    }
}

/// Of several imported memories the guest's is the one that is called so, wherever it is in the
/// list.
#[test]
fn several_imported_memories() {
    let guest = |name: &str| {
        Runtime::builder()
            .imports(imports![length])
            .provide("env", "scratch", MemoryType::new(0, None))
            .provide("env", name, MemoryType::new(1, None))
            .build()
            .unwrap()
            .instantiate(format!(
                r#"(module
                    (import "env" "scratch" (memory 0))
                    (import "env" "{name}" (memory 1))
                    (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                    (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 3))))"#
            ))
            .unwrap()
    };
    let mut one = guest("memory");
    assert_eq!(one.call::<(), u32>("run", ()).unwrap(), 3);
    assert_eq!(one.memory().unwrap().len(), 65536);
    let mut none = guest("heap");
    let error = none.call::<(), u32>("run", ()).unwrap_err();
    let reason: &ValueError = error.downcast_ref().unwrap();
    assert_eq!(
        reason.to_string(),
        "the guest imports several memories (`env.scratch`, `env.heap`); export the one that host \
         functions use, or, if a `Runtime` provides it, import it as `memory`"
    );
    assert_eq!(none.memory().as_ref(), Err(reason));
}

/// An import may be listed twice, and a name alone may stand for two.
#[test]
fn imported_memories_of_one_name() {
    let run = |imports: &str| {
        let guest = format!(
            r#"(module {imports}
                (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 3))))"#
        );
        let runtime = Runtime::builder().imports(imports![length]);
        let runtime = runtime
            .provide("a", "heap", MemoryType::new(1, None))
            .provide("a", "memory", MemoryType::new(1, None))
            .provide("b", "memory", MemoryType::new(1, None));
        let mut guest = runtime.build().unwrap().instantiate(guest).unwrap();
        guest.call::<(), u32>("run", ())
    };
    let twice = r#"(import "a" "heap" (memory 1)) (import "a" "heap" (memory 1))"#;
    assert_eq!(run(twice).unwrap(), 3);
    let error = run(r#"(import "a" "memory" (memory 1)) (import "b" "memory" (memory 1))"#);
    let several = ["a.memory", "b.memory"].map(str::to_owned).to_vec();
    assert_eq!(
        error.unwrap_err().downcast_ref(),
        Some(&ValueError::NoMemory(NoMemoryError::SeveralImported(
            several
        )))
    );
}

/// A size is as wide as all memories are, whichever is the guest's.
#[test]
fn sizes_among_several_wide_memories() {
    #[wasm_import(module = "ffi")]
    fn same(x: GuestSize) -> GuestSize {
        x
    }
    let runtime = Runtime::builder()
        .imports(imports![same])
        .provide("env", "a", MemoryType::new64(0, None))
        .provide("env", "b", MemoryType::new64(0, None));
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "env" "a" (memory i64 0))
                (import "env" "b" (memory i64 0))
                (import "ffi" "same" (func $same (param i64) (result i64)))
                (export "same" (func $same)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<u64, u64>("same", 1 << 40).unwrap(), 1 << 40);
}

#[test]
fn an_imported_memory_of_threads() {
    let engine = engine_of_threads();
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

/// What an instance had that never came to be is not taken for that of the next.
#[test]
fn an_instance_that_traps_at_its_start() {
    let runtime = Runtime::builder()
        .imports(imports![length, FAILS])
        .provide("env", "memory", MemoryType::new(1, None))
        .build()
        .unwrap();
    let mut first = runtime.instantiate("(module)").unwrap();
    let prepared = runtime
        .load(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                (import "ffi" "FAILS" (global $fails (mut i32)))
                (func $start (if (global.get $fails) (then (global.set $fails (i32.const 0)) (unreachable))))
                (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 3)))
                (start $start))"#,
        )
        .unwrap();
    assert!(prepared.instantiate_in(&mut first).is_err());
    let second = prepared.instantiate_in(&mut first).unwrap();
    assert_eq!(second.call::<(), u32>(&mut first, "run", ()).unwrap(), 3);
}

#[wasm_import(module = "ffi")]
static FAILS: i32 = 1;

//! Host data that the embedder moves, takes out or replaces.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

use host_runtime::{
    Callback, Guest, HostData, Runtime,
    errors::MissingStateError,
    imports, wasm_import,
    wasmtime::{Caller, Engine, Linker, Module, Store, StoreLimits, StoreLimitsBuilder},
};

use super::{answers, call_back};
use crate::support;

struct App {
    host: HostData,
    taken: Option<HostData>,
}

impl App {
    fn new(host: HostData) -> Self {
        Self { host, taken: None }
    }
}

#[wasm_import(module = "ffi")]
fn copies(mut guest: Guest<'_>, text: String, back: Callback<(), ()>) -> anyhow::Result<u32> {
    guest.call(&back, ())?;
    Ok(u32::try_from(text.len())?)
}

#[wasm_import(module = "ffi")]
fn take(mut caller: Caller<'_, App>) {
    let app = caller.data_mut();
    app.taken = Some(mem::take(&mut app.host));
}

#[test]
fn host_data_that_is_taken_out_during_a_call_gets_its_budget_and_depth_back() {
    let engine = Engine::default();
    let mut linker = Linker::<App>::new(&engine);
    imports![copies, take]
        .add_to_linker(&mut linker, |app: &mut App| &mut app.host)
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "ffi" "copies" (func $copies (param i32 i32 i32) (result i32)))
            (import "ffi" "take" (func $take))
            (memory (export "memory") 1)
            (table (export "table") funcref (elem $take $nothing))
            (func $nothing)
            (func (export "run") (param i32) (result i32)
                (call $copies (i32.const 0) (i32.const 600) (local.get 0))))"#,
    )
    .unwrap();
    let mut host = HostData::new();
    host.set_copy_budget(1000);
    host.set_call_depth(1);
    let mut store = Store::new(&engine, App::new(host));
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .unwrap();
    assert_eq!(run.call(&mut store, 0).unwrap(), 600);
    store.data_mut().host = store.data_mut().taken.take().unwrap();
    for _ in 0..2 {
        assert_eq!(run.call(&mut store, 1).unwrap(), 600);
    }
}

#[wasm_import(module = "ffi")]
fn take_and_panic(mut caller: Caller<'_, Option<HostData>>) -> i32 {
    caller.data_mut().take();
    panic!("the host function panics")
}

/// A second panic during unwinding would abort the process.
#[test]
fn a_panic_unwinds_after_the_host_data_is_taken_out() {
    let engine = Engine::default();
    let mut linker = Linker::<Option<HostData>>::new(&engine);
    imports![call_back, take_and_panic]
        .add_to_linker(&mut linker, |host: &mut Option<HostData>| {
            host.as_mut().expect("there is host data")
        })
        .unwrap();
    let module = r#"(module
        (import "ffi" "call_back" (func $call (param i32) (result i32)))
        (import "ffi" "take_and_panic" (func $take (result i32)))
        (memory (export "memory") 1)
        (table (export "table") funcref (elem $take))
        (func (export "run") (result i32) (call $call (i32.const 0))))"#;
    let module = Module::new(&engine, module).unwrap();
    let mut store = Store::new(&engine, Some(HostData::new()));
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(), i32>(&mut store, "run")
        .unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the host function panics"),);
}

/// From its call number `from` on, the projection returns the second host data, which was used in
/// another store.
#[test]
fn a_projection_can_return_other_host_data_at_any_time() {
    struct Two {
        hosts: [HostData; 2],
        asked: usize,
        from: usize,
    }
    let engine = Engine::default();
    let mut linker = Linker::<Two>::new(&engine);
    imports![call_back]
        .add_to_linker(&mut linker, |two: &mut Two| {
            two.asked += 1;
            &mut two.hosts[usize::from(two.asked >= two.from)]
        })
        .unwrap();
    let module = Module::new(&engine, answers(5)).unwrap();
    let in_store = |hosts, from| {
        let two = Two {
            hosts,
            asked: 0,
            from: usize::MAX,
        };
        let mut store = Store::new(&engine, two);
        let guest = linker.instantiate(&mut store, &module).unwrap();
        let run = guest.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        run.call(&mut store, ()).unwrap();
        store.data_mut().from = from;
        store.data_mut().asked = 0;
        assert_eq!(run.call(&mut store, ()).unwrap(), 5, "from {from} on");
        store.into_data().hosts
    };
    for from in 0..40 {
        let [_, known] = in_store([HostData::new(), HostData::new()], 0);
        in_store([HostData::new(), known], from);
    }
}

struct Counter(u32);

#[wasm_import(module = "ffi")]
fn up(#[state] counter: &mut Counter) -> u32 {
    counter.0 += 1;
    counter.0
}

#[wasm_import(module = "ffi")]
fn take_own(mut caller: Caller<'_, HostData>) {
    mem::take(caller.data_mut());
}

#[test]
fn a_call_after_the_state_is_taken_out_is_an_error() {
    let runtime = Runtime::builder()
        .imports(imports![up, take_own])
        .state_with(|| Counter(0))
        .build()
        .unwrap();
    let module = r#"(module
        (import "ffi" "up" (func $up (result i32)))
        (import "ffi" "take_own" (func $take))
        (func (export "up") (result i32) (call $up))
        (func (export "take") (result i32) (call $take) (call $up)))"#;
    let mut guest = runtime.instantiate(module).unwrap();
    mem::take(guest.store_mut().data_mut());
    let error = guest.call::<(), u32>("up", ()).unwrap_err();
    assert!(error.is::<MissingStateError>(), "{error:#}");
    // The state is taken out during the call.
    let mut guest = runtime.instantiate(module).unwrap();
    let error = guest.call::<(), u32>("take", ()).unwrap_err();
    assert!(error.is::<MissingStateError>(), "{error:#}");
}

#[wasm_import(module = "ffi")]
fn size(mut guest: Guest<'_>) -> anyhow::Result<i32> {
    Ok(i32::try_from(guest.memory(|memory| memory.size())?)?)
}

/// The limit of two instances leaves room for one trampoline, which the runtime must reuse.
#[test]
fn a_store_can_get_new_host_data_for_each_request() {
    struct Requests {
        host: HostData,
        limits: StoreLimits,
    }
    let engine = Engine::default();
    let mut linker = Linker::<Requests>::new(&engine);
    imports![call_back, size]
        .add_to_linker(&mut linker, |requests: &mut Requests| &mut requests.host)
        .unwrap();
    let module = r#"(module
        (import "ffi" "call_back" (func $call (param i32) (result i32)))
        (import "ffi" "size" (func $size (result i32)))
        (memory (export "memory") 1)
        (table (export "table") funcref (elem $size))
        (func (export "run") (result i32) (call $call (i32.const 0))))"#;
    let module = Module::new(&engine, module).unwrap();
    let limits = StoreLimitsBuilder::new().instances(2).build();
    let host = HostData::new();
    let mut store = Store::new(&engine, Requests { host, limits });
    store.limiter(|requests| &mut requests.limits);
    let guest = linker.instantiate(&mut store, &module).unwrap();
    let run = guest.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    for _ in 0..9 {
        store.data_mut().host = HostData::new();
        assert_eq!(run.call(&mut store, ()).unwrap(), 65536);
    }
}

#[wasm_import(module = "ffi")]
static LEVEL: i32 = 3;

#[wasm_import(module = "ffi")]
fn raise(mut guest: Guest<'_>) -> anyhow::Result<()> {
    let level = guest.global::<LEVEL>().unwrap_or(-1);
    guest.set_global::<LEVEL>(level + 1)
}

#[test]
fn host_data_keeps_the_globals_after_forget_guests() {
    let mut guest = support::guest(
        imports![LEVEL, raise],
        r#"(module
                (import "ffi" "LEVEL" (global $level (mut i32)))
                (import "ffi" "raise" (func $raise))
                (func (export "run") (result i32) (call $raise) (global.get $level)))"#,
    );
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 4);
    guest.store_mut().data_mut().forget_guests();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 5);
    *guest.store_mut().data_mut() = HostData::new();
    let error = guest.call::<(), i32>("run", ()).unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("no guest of the store imports `ffi.LEVEL`"),
        "{error}"
    );
    assert!(
        error.contains("or the `HostData` that knew of it was replaced"),
        "{error}"
    );
}

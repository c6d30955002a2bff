//! References, callbacks and instances that are used in another store or engine.

use std::{
    mem,
    sync::{Arc, Mutex},
};

use host_runtime::{
    CallbackRef, Guest, HostData, Imports, ProvidedImport, Runtime, ValueError,
    errors::{CallbackError, OtherEngineError, WrongStoreError},
    imports, wasm_import,
    wasmtime::{
        self, Engine, ExternRef, Func, FuncType, HeapType, MemoryType, Module, RefType, Rooted,
        SharedMemory, Store, TableType, TagType, Val,
    },
};

use super::{answers, call_back};
use crate::support;

/// Runs the guest of `answers` in a store, by an embedder's linker.
fn run_answers(mut store: impl wasmtime::AsContextMut<Data = HostData>, n: i32) -> i32 {
    let mut store = store.as_context_mut();
    let linker = support::linker(store.engine(), &imports![call_back]);
    let module = Module::new(store.engine(), answers(n)).unwrap();
    let guest = linker.instantiate(&mut store, &module).unwrap();
    let run = guest.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap()
}

/// Instantiates a guest, and calls `make` with its store while the guest is linked.
fn with_store_while_linking(
    engine: &Engine,
    make: impl Fn(wasmtime::StoreContextMut<'_, HostData>) + Send + Sync + 'static,
) {
    Runtime::builder()
        .engine(engine.clone())
        .imports(Imports::none())
        .provide_with("env", "n", move |store| {
            make(store);
            Ok(ProvidedImport::GlobalConst(1.into()))
        })
        .build()
        .unwrap()
        .instantiate(r#"(module (import "env" "n" (global i32)))"#)
        .unwrap();
}

#[test]
fn guests_that_are_instantiated_while_another_is_linked_have_their_own_tables() {
    with_store_while_linking(&Engine::default(), |mut store| {
        for n in [1, 2] {
            assert_eq!(run_answers(&mut store, n), n);
        }
    });
}

#[test]
fn host_data_that_is_taken_out_while_a_guest_is_linked_can_be_used_in_other_stores() {
    let taken: Arc<Mutex<Option<HostData>>> = Arc::default();
    let engine = Engine::default();
    let put = Arc::clone(&taken);
    with_store_while_linking(&engine, move |mut store| {
        *put.lock().unwrap() = Some(mem::take(store.data_mut()));
    });
    let mut host = taken.lock().unwrap().take().unwrap();
    for n in [1, 2] {
        let mut store = Store::new(&engine, host);
        for n in [n, n + 1] {
            assert_eq!(run_answers(&mut store, n), n);
        }
        host = store.into_data();
    }
}

#[test]
fn starting_an_instance_after_its_store_is_swapped_is_an_error() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let module = runtime
        .load(r#"(module (func (export "_start")))"#)
        .unwrap();
    let [mut a, mut b] = [(); 2].map(|()| module.instantiate().unwrap());
    mem::swap(a.store_mut(), b.store_mut());
    let error = a.start().unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&WrongStoreError::Replaced));
}

#[test]
fn instantiating_into_a_store_of_another_engine_is_an_error() {
    let [mut first, other] = [(); 2].map(|()| support::guest(Imports::none(), "(module)"));
    let runtime = Runtime::builder()
        .engine(other.engine().clone())
        .imports(Imports::none())
        .build()
        .unwrap();
    let error = runtime
        .load("(module)")
        .unwrap()
        .instantiate_in(&mut first)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the instance belongs to a runtime with another engine; use one engine for both runtimes, \
         with \
         `Runtime::builder().engine(first.engine().clone())`"
    );
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<CallbackRef<(), i32>>>>);

#[wasm_import(module = "ffi")]
fn keep(#[state] kept: &Kept, callback: CallbackRef<(), i32>) {
    *kept.0.lock().unwrap() = Some(callback);
}

#[wasm_import(module = "ffi")]
fn call_kept(mut guest: Guest<'_>) -> anyhow::Result<i32> {
    let kept = guest.state::<Kept>().unwrap().0.lock().unwrap().unwrap();
    guest.call(&kept, ())
}

#[test]
fn calling_a_callback_of_another_store_is_an_error() {
    let runtime = Runtime::builder()
        .imports(imports![keep, call_kept])
        .state(Kept::default())
        .build()
        .unwrap();
    let module = runtime
        .load(
            r#"(module
                (import "ffi" "keep" (func $keep (param funcref)))
                (import "ffi" "call_kept" (func $call (result i32)))
                (elem declare func $one)
                (func $one (result i32) (i32.const 1))
                (func (export "keep") (call $keep (ref.func $one)))
                (func (export "call") (result i32) (call $call)))"#,
        )
        .unwrap();
    let [mut own, mut other] = [(); 2].map(|()| module.instantiate().unwrap());
    own.call::<(), ()>("keep", ()).unwrap();
    for _ in 0..2 {
        assert_eq!(own.call::<(), i32>("call", ()).unwrap(), 1);
    }
    let error = other.call::<(), i32>("call", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref(),
        Some(&ValueError::Callback(CallbackError::OtherStore))
    );
}

#[derive(Clone, Default)]
struct References {
    func: Arc<Mutex<Option<Func>>>,
    object: Arc<Mutex<Option<Rooted<ExternRef>>>>,
}

#[wasm_import(module = "ffi")]
fn func(#[state] references: &References) -> Option<Func> {
    *references.func.lock().unwrap()
}

#[wasm_import(module = "ffi")]
fn object(#[state] references: &References) -> Option<Rooted<ExternRef>> {
    *references.object.lock().unwrap()
}

#[wasm_import(module = "ffi")]
static HOOK: Option<Func> = None;

#[wasm_import(module = "ffi")]
fn set_hook(mut guest: Guest<'_>) -> anyhow::Result<()> {
    let func = *guest.state::<References>().unwrap().func.lock().unwrap();
    guest.set_global::<HOOK>(func)
}

#[test]
fn a_reference_of_another_store_is_an_error() {
    let references = References::default();
    let runtime = Runtime::builder()
        .imports(imports![func, object, HOOK, set_hook])
        .state(references.clone())
        .build()
        .unwrap();
    let module = r#"(module
        (import "ffi" "func" (func $func (result funcref)))
        (import "ffi" "object" (func $object (result externref)))
        (import "ffi" "set_hook" (func $set_hook))
        (import "ffi" "HOOK" (global (mut funcref)))
        (func (export "nothing"))
        (func (export "func") (drop (call $func)))
        (func (export "object") (drop (call $object)))
        (func (export "hook") (call $set_hook)))"#;
    let [mut own, mut other] = [(); 2].map(|()| runtime.instantiate(module).unwrap());
    let raw = own.raw();
    let func = raw.get_func(own.store_mut(), "nothing");
    *references.func.lock().unwrap() = func;
    let object = ExternRef::new(own.store_mut(), 1_u8).unwrap();
    *references.object.lock().unwrap() = Some(object);
    for name in ["func", "object", "hook"] {
        own.call::<(), ()>(name, ()).unwrap();
        let error = other.call::<(), ()>(name, ()).unwrap_err();
        assert_eq!(
            error.downcast_ref(),
            Some(&ValueError::OtherStore),
            "{name}"
        );
    }
    for (value, ty) in [
        (Val::FuncRef(func), "funcref"),
        (Val::ExternRef(Some(object)), "externref"),
    ] {
        let provided = Runtime::builder()
            .engine(other.engine().clone())
            .imports(Imports::none())
            .provide("env", "g", ProvidedImport::GlobalConst(value))
            .build()
            .unwrap();
        let error = provided
            .instantiate(format!(r#"(module (import "env" "g" (global {ty})))"#))
            .unwrap_err();
        assert!(
            matches!(
                error.downcast_ref(),
                Some(WrongStoreError::ProvidedImport { .. })
            ),
            "{error:#}"
        );
    }
}

#[test]
fn the_error_names_a_provided_import_of_another_engine() {
    let mut config = wasmtime::Config::new();
    config
        .wasm_threads(true)
        .shared_memory(true)
        .wasm_exceptions(true);
    let other = Engine::new(&config).unwrap();
    let ty = FuncType::new(&other, [], []);
    let concrete = RefType::new(true, HeapType::ConcreteFunc(ty.clone()));
    let memory = SharedMemory::new(&other, MemoryType::shared(1, 1)).unwrap();
    let cases: [(&str, ProvidedImport, &str); 3] = [
        ("tag", TagType::new(ty).into(), "(tag)"),
        (
            "table",
            TableType::new(concrete, 1, None).into(),
            "(table 1 (ref null $t))",
        ),
        ("memory", memory.into(), "(memory 1 1 shared)"),
    ];
    for (name, provided, import) in cases {
        let runtime = Runtime::builder()
            .config(config.clone())
            .imports(Imports::none())
            .provide("env", name, provided)
            .build();
        let module = format!(r#"(module (type $t (func)) (import "env" "{name}" {import}))"#);
        let error = runtime
            .and_then(|runtime| runtime.instantiate(module).map(drop))
            .unwrap_err();
        let import = format!("`env.{name}`");
        assert_eq!(
            error.downcast_ref(),
            Some(&OtherEngineError::ProvidedImport { import })
        );
    }
}

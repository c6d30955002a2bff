//! Host functions in an embedder's linker.

use host_runtime::{
    HostData,
    errors::LinkError,
    imports,
    wasmtime::{Engine, Linker, Module, Store},
};

use super::{App, Kv, all, get, name_length, print};
use crate::support;

#[test]
fn a_linker_can_also_define_functions_of_the_embedder() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![print, get, name_length]
        .add_to_linker(&mut linker, |app: &mut App| &mut app.host)
        .unwrap();
    linker.func_wrap("by", "hand", |x: i32| x + 1).unwrap();
    let module = r#"(module
        (import "ffi" "print" (func $print (param i32)))
        (import "app" "name_length" (func $length (result i32)))
        (import "by" "hand" (func $hand (param i32) (result i32)))
        (func (export "run") (result i32) (call $print (i32.const 1)) (call $hand (call $length))))"#;
    let module = Module::new(&engine, module).unwrap();
    let app = App {
        host: HostData::new(),
        name: "app",
    };
    let mut store = Store::new(&engine, app);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(), i32>(&mut store, "run")
        .unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 4);
}

#[test]
fn a_call_without_its_state_is_an_error_that_names_the_state() {
    let engine = Engine::default();
    let linker = support::linker(&engine, &imports![get]);
    let module = Module::new(
        &engine,
        host_tests::guest(imports![get].get("kv", "get").unwrap(), b""),
    )
    .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(i32, i32, i32, i32), i64>(&mut store, "run")
        .unwrap();
    let error = run.call(&mut store, (0, 0, 0, 0)).unwrap_err();
    assert_eq!(
        error
            .downcast_ref::<host_runtime::errors::MissingStateError>()
            .unwrap()
            .to_string(),
        "the host has no state `all::linking::Kv`; add one with `HostData::insert(…)`, or provide \
         one for each instance with `Runtime::builder().state(…)`"
    );
    store.data_mut().insert(Kv);
    assert_eq!(run.call(&mut store, (0, 0, 0, 0)).unwrap(), 0);
}

#[test]
fn a_function_whose_caller_has_another_data_type_is_an_error() {
    let mut linker = Linker::<HostData>::new(&Engine::default());
    let error = all().add_to_linker(&mut linker, |host| host).unwrap_err();
    assert_eq!(
        support::without_lines(&error.to_string()),
        "`app.name_length`, fn name_length(caller: Caller<'_, App>) -> u32 \
         (tests/all/linking/mod.rs:LINE) takes `Caller<'_, all::linking::App>`, and the store's \
         data is `HostData`; remove it with `Imports::filter`"
    );
}

#[test]
fn a_name_that_the_linker_already_defines_is_an_error() {
    let mut linker = Linker::<HostData>::new(&Engine::default());
    linker.func_wrap("ffi", "print", |_: i32| {}).unwrap();
    let error = imports![print]
        .add_to_linker(&mut linker, |host| host)
        .unwrap_err();
    assert!(matches!(error, LinkError::Define { .. }));
    assert!(
        error
            .to_string()
            .contains("cannot be defined in the linker"),
        "{error}"
    );
}

#[test]
fn add_to_linker_for_defines_only_the_imports_of_the_module() {
    let engine = Engine::default();
    let mut linker = Linker::<HostData>::new(&engine);
    let module = Module::new(
        &engine,
        r#"(module (import "ffi" "print" (func (param i32))))"#,
    )
    .unwrap();
    all()
        .add_to_linker_for(&module, &mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    assert_eq!(linker.iter(&mut store).count(), 1);
    let wrong = Module::new(&engine, r#"(module (import "ffi" "print" (func)))"#).unwrap();
    let error = all()
        .add_to_linker_for(&wrong, &mut linker, |host| host)
        .unwrap_err();
    assert!(matches!(error, LinkError::Report(_)));
}

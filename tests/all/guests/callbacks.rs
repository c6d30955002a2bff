//! Host functions that call functions of the guest.

use host_runtime::{
    Callback, CallbackRef, Guest, GuestPointer, GuestSlice, HostCallError, HostData, Imports,
    Instance, Runtime, ValueError,
    errors::{CallbackError, ExportError},
    imports, wasm_import,
    wasmtime::{self, Engine, Linker, Module, Store},
};

use crate::support;

#[derive(Clone, Default)]
struct Calls(u32);

#[wasm_import(module = "host")]
mod host {
    use super::*;

    pub(super) fn apply(
        mut guest: Guest<'_>,
        f: Callback<(i32, f64), i64>,
        x: i32,
    ) -> anyhow::Result<i64> {
        guest.state::<Calls>().expect("the runtime provides it").0 += 1;
        guest.call(&f, (x, 0.5))
    }
    pub(super) fn apply_ref(mut guest: Guest<'_>, f: CallbackRef<i32, i32>) -> anyhow::Result<i32> {
        guest.call(&f, 20)
    }
    /// Reads a value before and after a callback, which may change the value and move the memory.
    pub(super) fn around(
        mut guest: Guest<'_>,
        text: String,
        at: GuestPointer<u32>,
        f: Callback<(), ()>,
    ) -> anyhow::Result<u32> {
        let before = at.read(&mut guest)?;
        guest.call(&f, ())?;
        let after = at.read(&mut guest)?;
        at.write(&mut guest, 7)?;
        Ok(before * 1000 + after * 10 + u32::try_from(text.len())?)
    }
    pub(super) fn slice(
        mut guest: Guest<'_>,
        list: GuestSlice<u16>,
        index: u32,
    ) -> Result<u32, ValueError> {
        let all = list.to_vec(&mut guest)?;
        list.write(&mut guest, &vec![9; all.len()])?;
        list.get(&mut guest, index.into()).map(u32::from)
    }
}

/// A guest whose table has functions that return, call the host, trap and grow the memory.
const GUEST: &str = r#"(module
    (type $f (func (param i32 f64) (result i64)))
    (import "host" "apply" (func $apply (param i32 i32) (result i64)))
    (import "host" "apply_ref" (func $apply_ref (param funcref) (result i32)))
    (import "host" "around" (func $around (param i32 i32 i32 i32) (result i32)))
    (import "host" "slice" (func $slice (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1 3)
    (data (i32.const 64) "hello")
    (table (export "__indirect_function_table") 6 funcref)
    (elem (i32.const 1) func $sum $again $trap $grow)
    (elem declare func $double $sum)
    (func $sum (type $f)
        (i64.add (i64.extend_i32_s (local.get 0)) (i64.trunc_f64_s (f64.mul (local.get 1) (f64.const 4)))))
    (func $again (type $f)
        (if (result i64) (local.get 0)
            (then (call $apply (i32.const 2) (i32.sub (local.get 0) (i32.const 1))))
            (else (i64.const 42))))
    (func $trap (type $f) (unreachable))
    (func $grow
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.const 16) (i32.const 3)))
    (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "apply") (param i32 i32) (result i64) (call $apply (local.get 0) (local.get 1)))
    (func (export "double") (result i32) (call $apply_ref (ref.func $double)))
    (func (export "wrong") (result i32) (call $apply_ref (ref.func $sum)))
    (func (export "null") (result i32) (call $apply_ref (ref.null func)))
    (func (export "around") (result i32)
        (i32.store (i32.const 16) (i32.const 2))
        (call $around (i32.const 64) (i32.const 5) (i32.const 16) (i32.const 4)))
    (func (export "slice") (param i32 i32 i32) (result i32)
        (call $slice (local.get 0) (local.get 1) (local.get 2))))"#;

fn guest() -> Instance {
    let runtime = Runtime::builder()
        .imports(imports![mod host])
        .state(Calls(0));
    runtime.build().unwrap().instantiate(GUEST).unwrap()
}

fn apply(guest: &mut Instance, index: i32, x: i32) -> anyhow::Result<i64> {
    guest.call("apply", (index, x))
}

#[test]
fn the_guest_passes_a_callback_as_an_i32() {
    let imports: Imports = imports![mod host];
    let apply = imports.get("host", "apply").unwrap();
    assert_eq!(apply.wasm_type(), "(func (param i32 i32) (result i64))");
}

#[test]
fn callbacks_are_called_by_index_and_by_reference() {
    let mut guest = guest();
    assert_eq!(apply(&mut guest, 1, 40).unwrap(), 42);
    assert_eq!(guest.call::<(), i32>("double", ()).unwrap(), 40);
    assert_eq!(guest.state::<Calls>().unwrap().0, 1);
}

/// The callback calls the host function again, until eleven calls are active.
#[test]
fn a_callback_can_call_the_host_function_again() {
    let mut guest = guest();
    assert_eq!(apply(&mut guest, 2, 10).unwrap(), 42);
    assert_eq!(guest.state::<Calls>().unwrap().0, 11);
}

/// Growing the memory may move it.
#[test]
fn the_memory_can_grow_during_a_host_call() {
    let mut guest = guest();
    assert_eq!(guest.call::<(), u32>("around", ()).unwrap(), 2035);
    assert_eq!(guest.read(16, 4).unwrap(), [7, 0, 0, 0]);
    assert_eq!(guest.memory().unwrap().len(), 2 << 16);
}

#[test]
fn an_invalid_callback_is_an_error() {
    let mut guest = guest();
    let mut reason = |index| {
        let error = apply(&mut guest, index, 0).unwrap_err();
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.function().name(), "apply");
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(
        reason(0),
        "the callback is a null pointer; if guests may pass null, take an `Option`"
    );
    assert_eq!(
        reason(6),
        "there is no function 6 in the guest's table, which has 6"
    );
    assert_eq!(
        reason(-1),
        "there is no function 4294967295 in the guest's table, which has 6"
    );
    assert_eq!(
        reason(4),
        "the callback is (func), but it is called as (func (param i32 f64) (result i64))"
    );
    let error = guest.call::<(), i32>("wrong", ()).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::Callback(CallbackError::OtherType { .. }))
    ));
    let error = guest.call::<(), i32>("null", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "the callback is null"
    );
    // The guest can still be called after these errors.
    assert_eq!(apply(&mut guest, 1, 40).unwrap(), 42);
}

#[test]
fn a_callback_that_traps_fails_the_host_call() {
    let mut guest = guest();
    let error = apply(&mut guest, 3, 0).unwrap_err();
    assert_eq!(
        error.downcast_ref::<wasmtime::Trap>(),
        Some(&wasmtime::Trap::UnreachableCodeReached)
    );
    assert!(
        format!("{error:?}").contains("the host function `host.apply` failed"),
        "{error:?}"
    );
    assert_eq!(apply(&mut guest, 1, 40).unwrap(), 42);
}

#[test]
fn slices_are_checked_when_they_are_accessed() {
    let mut guest = guest();
    let mut slice = |at: i32, len: i32, index: i32| {
        guest.call::<(i32, i32, i32), i32>("slice", (at, len, index))
    };
    assert_eq!(slice(65, 2, 1).unwrap(), 9);
    let mut reason = |at, len, index| {
        let error = slice(at, len, index).unwrap_err();
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(reason(0, 2, 2), "2 is past the end of a slice of 2");
    assert_eq!(
        reason(65_535, 1, 0),
        "pointer 0xffff and 1 element of 2 bytes reach past the end of the memory, 65536 bytes"
    );
    assert!(reason(-1, -1, 0).contains("reach past the end of the memory"));
}

/// Adds the same host functions to an embedder's `Linker`, which has its own store data.
#[test]
fn callbacks_work_with_an_embedders_linker() {
    struct App {
        host: HostData,
    }

    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![mod host]
        .add_to_linker(&mut linker, |app: &mut App| &mut app.host)
        .unwrap();
    let module = Module::new(&engine, GUEST).unwrap();
    let mut store = Store::new(
        &engine,
        App {
            host: HostData::new().with(Calls(0)),
        },
    );
    let guest = linker.instantiate(&mut store, &module).unwrap();
    let apply = guest.get_typed_func::<(i32, i32), i64>(&mut store, "apply");
    assert_eq!(apply.unwrap().call(&mut store, (2, 3)).unwrap(), 42);
    assert_eq!(store.data().host.state::<Calls>().unwrap().0, 4);
}

#[wasm_import(module = "named")]
fn call_helper(mut guest: Guest<'_>) -> anyhow::Result<i64> {
    guest.call::<i32, i64>("helper", 1)
}

#[test]
fn the_error_names_a_guest_function_that_is_missing_or_has_another_type() {
    let reason = |export: &str| {
        let module = format!(
            r#"(module
                (import "named" "call_helper" (func $call (result i64)))
                (memory (export "memory") 1)
                (func {export} (param i64) (result i64) (local.get 0))
                (func (export "run") (result i64) (call $call)))"#
        );
        let mut guest = support::guest(imports![call_helper], module);
        let error = guest.call::<(), i64>("run", ()).unwrap_err();
        error.downcast_ref::<ExportError>().unwrap().to_string()
    };
    assert_eq!(
        reason(r#"(export "helper")"#),
        "the guest's `helper` is (func (param i64) (result i64)), but it is used as (func (param \
         i32) (result i64))"
    );
    assert_eq!(
        reason(r#"(export "_helper")"#),
        "the guest exports no function `helper`; similar names among the 2 functions that \
         it exports: \
         `_helper`"
    );
    assert_eq!(
        reason(r#"(export "other")"#),
        "the guest exports no function `helper`; it exports `other`, `run`"
    );
}

//! The host and all guests of a store share each global.

use host_runtime::{
    Guest, HostData, MockGuest, ProvidedImport, Runtime, errors::LinkError, imports, wasm_import,
    wasmtime,
};
use wasmtime::{Engine, Linker, Module, Store};

use super::{PUSHES, STACK_POINTER, runtime};
use crate::support;

#[test]
fn guests_of_one_store_share_a_global_and_guests_of_two_stores_do_not() {
    let prepared = runtime(imports![STACK_POINTER]).load(PUSHES).unwrap();
    let mut first = prepared.instantiate().unwrap();
    let mut second = prepared.instantiate().unwrap();
    assert_eq!(first.call::<(), i32>("push", ()).unwrap(), 65520);
    assert_eq!(second.call::<(), i32>("push", ()).unwrap(), 65520);

    let joined = prepared.instantiate_in(&mut first).unwrap();
    assert_eq!(
        joined.call::<(), i32>(&mut first, "push", ()).unwrap(),
        65504
    );
    assert_eq!(first.global::<STACK_POINTER>(), Some(65504));
    assert_eq!(second.global::<STACK_POINTER>(), Some(65520));
    assert_eq!(STACK_POINTER, 65536, "the initial value does not change");
    assert!(first.provided("host", "__stack_pointer").is_some());
}

#[test]
fn a_global_that_no_guest_imports_has_no_value() {
    let mut guest = support::guest(imports![STACK_POINTER], "(module)");
    assert_eq!(guest.global::<STACK_POINTER>(), None);
}

#[test]
fn two_imports_of_one_global_share_its_value() {
    let mut guest = support::guest(
        imports![STACK_POINTER],
        r#"(module
                (import "host" "__stack_pointer" (global $a (mut i32)))
                (import "host" "__stack_pointer" (global $b (mut i32)))
                (func (export "run") (result i32)
                    (global.set $a (i32.const 5))
                    (global.get $b)))"#,
    );
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 5);
}

#[wasm_import(module = "host")]
fn pop(mut guest: Guest<'_>, bytes: i32) -> anyhow::Result<i32> {
    let before = guest.global::<STACK_POINTER>().unwrap_or(-1);
    guest.set_global::<STACK_POINTER>(before + bytes)?;
    Ok(before)
}

#[test]
fn host_functions_read_and_change_globals() {
    let runtime = runtime(imports![STACK_POINTER, pop]);
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "host" "__stack_pointer" (global $sp (mut i32)))
                (import "host" "pop" (func $pop (param i32) (result i32)))
                (func (export "run") (result i32 i32)
                    (global.set $sp (i32.const 100))
                    (call $pop (i32.const 8))
                    (global.get $sp)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), (i32, i32)>("run", ()).unwrap(), (100, 108));

    let mut without = runtime
        .instantiate(
            r#"(module (import "host" "pop" (func (param i32) (result i32)))
                (export "pop" (func 0)))"#,
        )
        .unwrap();
    let error = without.call::<i32, i32>("pop", 8).unwrap_err();
    assert!(
        format!("{error:#}").contains(
            "no guest of the store imports `host.__stack_pointer`, static STACK_POINTER: i32 \
             (tests/all/globals/mod.rs:"
        ),
        "{error:#}"
    );
}

#[test]
fn a_mock_guest_has_globals() {
    let mut guest = MockGuest::new(0);
    for before in [65536, 65544] {
        let results = guest.call(&imports![pop], &[8.into()]).unwrap();
        assert_eq!(results[0].unwrap_i32(), before);
    }
}

#[test]
fn a_provided_global_replaces_an_annotated_one_of_the_same_name() {
    let mut guest = Runtime::builder()
        .imports(imports![STACK_POINTER])
        .provide(
            "host",
            "__stack_pointer",
            ProvidedImport::GlobalVar(32.into()),
        )
        .build()
        .unwrap()
        .instantiate(PUSHES)
        .unwrap();
    assert_eq!(guest.call::<(), i32>("push", ()).unwrap(), 16);
}

#[test]
fn globals_can_be_added_to_the_linker_of_an_embedder() {
    struct App {
        host: HostData,
    }
    fn host(app: &mut App) -> &mut HostData {
        &mut app.host
    }
    let engine = Engine::default();
    let module = Module::new(&engine, PUSHES).unwrap();
    let imports = imports![STACK_POINTER];

    let mut linker = Linker::<App>::new(&engine);
    let mut store = Store::new(
        &engine,
        App {
            host: HostData::new(),
        },
    );
    for after in [65520, 65504] {
        // The second instance is in the same store, so it uses the same global.
        imports
            .add_globals_to_linker_for(&module, &mut linker, &mut store, host)
            .unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let push = instance
            .get_typed_func::<(), i32>(&mut store, "push")
            .unwrap();
        assert_eq!(push.call(&mut store, ()).unwrap(), after);
    }

    let mut linker = Linker::<App>::new(&engine);
    let mut store = Store::new(
        &engine,
        App {
            host: HostData::new(),
        },
    );
    linker.func_wrap("host", "__stack_pointer", || ()).unwrap();
    let error = imports
        .add_globals_to_linker(&mut linker, &mut store, host)
        .unwrap_err();
    assert!(matches!(error, LinkError::Define { .. }));
    assert!(
        error.to_string().starts_with(
            "`host.__stack_pointer`, static STACK_POINTER: i32 (tests/all/globals/mod.rs:"
        ),
        "{error}"
    );
}

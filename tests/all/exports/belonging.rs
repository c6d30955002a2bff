//! Bound exports belong to one instance.

use host_runtime::{
    ExportedFunc, Guest, Imports, Instance, Runtime, errors::WrongStoreError, imports,
    values::Malloc, wasm_export, wasm_import,
};

#[wasm_export(allocator = Malloc)]
trait Own {
    fn number() -> anyhow::Result<i32>;
    fn first(text: &str) -> anyhow::Result<u32>;
    #[wasm_export(global)]
    fn level() -> anyhow::Result<i32>;
}

/// Keeps the bound exports of a guest as a state, and calls them.
#[wasm_import(module = "host")]
fn call_kept(mut guest: Guest<'_>) -> anyhow::Result<i32> {
    let kept = guest.state::<Option<Own>>()?.clone();
    let own = if let Some(own) = kept {
        own
    } else {
        let own = guest.exports::<Own>()?;
        *guest.state::<Option<Own>>()? = Some(own.clone());
        own
    };
    assert_eq!(own.first(&mut guest, "A")?, 65);
    assert_eq!(own.level(&mut guest)?, 9);
    own.number(&mut guest)
}

const MODULE: &str = r#"(module
    (import "host" "call_kept" (func $call (result i32)))
    (memory (export "memory") 1)
    (global (export "level") i32 (i32.const 9))
    (global $number (mut i32) (i32.const 0))
    (func (export "malloc") (param i32) (result i32) (i32.const 64))
    (func (export "free") (param i32))
    (func (export "first") (param i32 i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "set") (param i32) (global.set $number (local.get 0)))
    (func (export "number") (result i32) (global.get $number))
    (func (export "run") (result i32) (call $call)))"#;

fn runtime() -> Runtime {
    let runtime = Runtime::builder().imports(imports![call_kept]);
    runtime.state_with(|| None::<Own>).build().unwrap()
}

fn instance(runtime: &Runtime, number: i32) -> Instance {
    let mut instance = runtime.instantiate(MODULE).unwrap();
    instance.call::<_, ()>("set", number).unwrap();
    instance
}

#[test]
fn bound_exports_can_be_a_state_and_are_called_from_both_sides() -> anyhow::Result<()> {
    let mut guest = instance(&runtime(), 5);
    assert_eq!(guest.call::<_, i32>("run", ())?, 5);
    assert_eq!(guest.call::<_, i32>("run", ())?, 5);
    let own = guest.state::<Option<Own>>()?.clone().unwrap();
    assert_eq!(own.number(&mut guest)?, 5);
    assert_eq!(own.first(&mut guest, "B")?, 66);
    Ok(())
}

#[test]
fn bound_exports_keep_working_after_the_store_was_lent() -> anyhow::Result<()> {
    let mut guest = instance(&runtime(), 5);
    let own = guest.exports::<Own>()?;
    guest.store_mut();
    assert_eq!(own.number(&mut guest)?, 5);
    assert_eq!(guest.call::<_, i32>("run", ())?, 5);
    // The state has exports that were bound in a store which may contain other instances.
    let kept = guest.state::<Option<Own>>()?.clone().unwrap();
    assert_eq!(kept.number(&mut guest)?, 5);
    assert_eq!(kept.first(&mut guest, "B")?, 66);
    assert_eq!(kept.level(&mut guest)?, 9);
    Ok(())
}

#[track_caller]
fn is_other_instance<T: std::fmt::Debug>(result: anyhow::Result<T>) {
    let error = result.unwrap_err();
    let reason = error.downcast_ref::<WrongStoreError>();
    assert_eq!(reason, Some(&WrongStoreError::OtherInstance), "{error:#}");
}

#[test]
fn bound_exports_of_another_store_are_an_error() -> anyhow::Result<()> {
    let runtime = runtime();
    for lent in [[false, false], [true, false], [false, true], [true, true]] {
        let [mut one, mut two] = [1, 2].map(|number| instance(&runtime, number));
        if lent[0] {
            one.store_mut();
        }
        let own = one.exports::<Own>()?;
        if lent[1] {
            two.store_mut();
        }
        is_other_instance(own.number(&mut two));
        is_other_instance(own.first(&mut two, "A"));
        is_other_instance(own.level(&mut two));
        // Also from within a host function that the other instance calls.
        *two.state_mut::<Option<Own>>()? = Some(own);
        is_other_instance(two.call::<_, i32>("run", ()));
    }
    Ok(())
}

#[test]
fn bound_exports_of_another_instance_of_the_store_are_an_error() -> anyhow::Result<()> {
    let runtime = runtime();
    let mut first = instance(&runtime, 1);
    let own = first.exports::<Own>()?;
    let second = runtime.load(MODULE)?.instantiate_in(&mut first)?;
    second.call::<_, ()>(&mut first, "set", 2)?;
    is_other_instance(own.number(&mut second.guest(&mut first)?));
    is_other_instance(own.first(&mut second.guest(&mut first)?, "A"));
    assert_eq!(own.number(&mut first)?, 1);
    *first.state_mut::<Option<Own>>()? = Some(own);
    is_other_instance(second.call::<_, i32>(&mut first, "run", ()));
    assert_eq!(first.call::<_, i32>("run", ())?, 1);
    Ok(())
}

#[test]
fn bound_exports_are_send_and_sync() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Own>();
    check::<ExportedFunc<(i32,), i32>>();
}

#[test]
fn bound_exports_can_be_called_after_a_trap() -> anyhow::Result<()> {
    #[wasm_export]
    trait Trapping {
        fn trap() -> anyhow::Result<()>;
        fn number() -> anyhow::Result<i32>;
    }
    let runtime = Runtime::builder().imports(Imports::none()).build()?;
    let mut guest = runtime.instantiate(
        r#"(module
            (func (export "trap") unreachable)
            (func (export "number") (result i32) (i32.const 7)))"#,
    )?;
    let exports = guest.exports::<Trapping>()?;
    assert!(exports.trap(&mut guest).is_err());
    assert_eq!(exports.number(&mut guest)?, 7);
    Ok(())
}

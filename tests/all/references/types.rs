//! Subtyping between the reference types of guests and of host functions.

use host_runtime::{
    Guest, HostData, Imports, LinkReport, imports, wasm_import,
    wasmtime::{
        Caller, Engine, ExternRef, I31, Instance, Linker, Module, Rooted, Store, StructRef, Val,
    },
};

use super::{host, never, runtime};

/// The guest may import a host function with a subtype for a parameter and a supertype for a
/// result. The function type may be in a recursion group or open to subtypes.
#[test]
fn a_guest_can_pass_subtypes_and_receive_supertypes() {
    let never_null_in =
        r#"(import "never" "external" (func $f (param (ref extern)) (result (ref extern))))"#;
    let nullable_out =
        r#"(import "never" "external" (func $f (param externref) (result externref)))"#;
    let open = r#"(type $open (sub (func (param externref) (result externref))))
        (import "never" "external" (func $f (type $open)))"#;
    let recursive = r#"(rec (type $first (func (param externref) (result externref))) (type (struct)))
        (import "never" "external" (func $f (type $first)))"#;
    let numbers = r#"(rec (type $first (func (param i32) (result i32))) (type (struct)))
        (import "numbers" "same" (func (type $first)))
        (import "never" "external" (func $f (param externref) (result externref)))"#;
    let all = || imports![numbers::same].merge(imports![mod never]);
    for import in [never_null_in, nullable_out, open, recursive, numbers] {
        let source = format!(
            r#"(module {import}
                (func (export "run") (param $host (ref extern)) (result externref)
                    (call $f (local.get $host))))"#
        );
        let mut guest = runtime(all()).instantiate(&source).unwrap();
        let instance = guest.raw();
        check_round_trip(guest.store_mut(), instance, import);

        // The same in an embedder's linker, with `add_to_linker_for`.
        let module = Module::new(guest.engine(), &source).unwrap();
        let mut linker = Linker::new(guest.engine());
        all()
            .add_to_linker_for(&module, &mut linker, |host: &mut HostData| host)
            .unwrap();
        let mut store = Store::new(guest.engine(), HostData::new());
        let instance = linker.instantiate(&mut store, &module).unwrap();
        check_round_trip(&mut store, instance, import);
    }
}

#[test]
fn the_report_names_only_the_types_that_do_not_match() {
    let report = |imports: Imports, module: &str| {
        let error = runtime(imports).instantiate(module).unwrap_err();
        error.downcast_ref::<LinkReport>().unwrap().to_string()
    };
    let wrong = report(
        imports![numbers::both],
        r#"(module (import "numbers" "both" (func (param (ref extern) i64) (result (ref extern)))))"#,
    );
    let (_, wrong) = wrong.split_once("guest: ").unwrap();
    assert_eq!(
        wrong,
        "(func (param (ref extern) i64) (result (ref extern)))\
         \n      `y: i32` is i32 here and i64 in the guest: write `i64` or `u64`"
    );
    let wider = report(
        imports![host::same_any],
        r#"(module (import "host" "same_any" (func (param anyref) (result (ref any)))))"#,
    );
    assert!(
        wider.ends_with("\n      `result` is anyref here and (ref any) in the guest"),
        "{wider}"
    );
    // Each import fits by itself, but one function cannot have both types.
    let twice = report(
        imports![host::same_any],
        r#"(module
            (import "host" "same_any" (func (param (ref i31)) (result anyref)))
            (import "host" "same_any" (func (param anyref) (result anyref))))"#,
    );
    assert!(
        twice.ends_with(
            "\n      host:  (func (param (ref i31)) (result anyref))\
             \n      guest: (func (param anyref) (result anyref))"
        ),
        "{twice}"
    );
}

/// The guest imports host functions with its own subtypes and the null types as parameters, and
/// with supertypes as results.
#[test]
fn types_of_the_guest_match_supertypes_of_the_host() {
    let mut guest = runtime(imports![mod host, mod never, with_guest, with_caller])
        .instantiate(
            r#"(module
                (type $point (struct (field i32)))
                (type $bytes (array (mut i8)))
                (type $number (func (result i32)))
                (import "never" "fields" (func $fields (param (ref $point)) (result anyref)))
                (import "never" "array" (func $array (param (ref null $bytes)) (result eqref)))
                (import "never" "func" (func $func (param (ref $number)) (result (ref null func))))
                (import "host" "same_any" (func $none (param nullref) (result anyref)))
                (import "host" "same_func" (func $no_func (param nullfuncref) (result funcref)))
                (import "host" "same_extern"
                    (func $no_extern (param nullexternref i32) (result i64 externref)))
                (import "gc" "with_guest" (func $guest (param (ref i31)) (result i32 eqref)))
                (import "gc" "with_caller" (func $caller (param (ref $point)) (result i32)))
                (elem declare func $seven)
                (func $seven (type $number) (i32.const 7))
                (func (export "fields") (result i32)
                    (struct.get $point 0 (ref.cast (ref $point)
                        (call $fields (struct.new $point (i32.const 42))))))
                (func (export "array") (result i32)
                    (array.len (ref.cast (ref $bytes)
                        (call $array (array.new $bytes (i32.const 3) (i32.const 9))))))
                (func (export "func") (result i32)
                    (call_ref $number (ref.cast (ref $number) (call $func (ref.func $seven)))))
                (func (export "none") (result i32) (local $null i32)
                    (call $no_extern (ref.null noextern) (i32.const 0))
                    ref.is_null
                    local.set $null
                    drop
                    (i32.add (local.get $null)
                        (i32.add (ref.is_null (call $none (ref.null none)))
                            (ref.is_null (call $no_func (ref.null nofunc))))))
                (func (export "guest") (result i32)
                    (call $guest (ref.i31 (i32.const 5)))
                    (i31.get_u (ref.cast (ref i31)))
                    (i32.add))
                (func (export "caller") (result i32)
                    (call $caller (struct.new $point (i32.const 42)))))"#,
        )
        .unwrap();
    for (name, gets) in [
        ("fields", 42),
        ("array", 9),
        ("func", 7),
        ("none", 3),
        ("guest", 11),
        ("caller", 1),
    ] {
        assert_eq!(guest.call::<(), i32>(name, ()).unwrap(), gets, "{name}");
    }
}

#[wasm_import(module = "gc")]
fn with_guest(_guest: Guest<'_>, x: Option<I31>) -> (u32, I31) {
    let number = x.expect("the guest cannot pass null");
    (number.get_u32() + 1, number)
}

#[wasm_import(module = "gc")]
fn with_caller(_caller: Caller<'_, HostData>, x: Rooted<StructRef>) -> bool {
    let _ = x;
    true
}

#[wasm_import(module = "numbers")]
mod numbers {
    use super::*;

    pub(super) fn same(x: i32) -> i32 {
        x
    }
    pub(super) fn both(x: Rooted<ExternRef>, y: i32) -> Rooted<ExternRef> {
        let _ = y;
        x
    }
}

/// Checks that `run` returns the reference that it is given.
fn check_round_trip(store: &mut Store<HostData>, instance: Instance, import: &str) {
    let value = ExternRef::new(&mut *store, "mine").unwrap();
    let run = instance.get_func(&mut *store, "run").unwrap();
    let mut got = [Val::I32(0)];
    run.call(&mut *store, &[Val::ExternRef(Some(value))], &mut got)
        .unwrap();
    let back = got[0].unwrap_externref().unwrap();
    assert!(Rooted::ref_eq(store, back, &value).unwrap(), "{import}");
}

/// A comparison of types of two engines would panic.
#[test]
fn a_module_of_another_engine_does_not_panic() {
    let module = Module::new(
        &Engine::default(),
        r#"(module (import "never" "external" (func (param externref) (result (ref extern)))))"#,
    );
    let mut linker = Linker::new(&Engine::default());
    imports![mod never]
        .add_to_linker_for(&module.unwrap(), &mut linker, |host: &mut HostData| host)
        .unwrap();
}

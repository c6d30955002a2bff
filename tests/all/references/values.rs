//! References as parameters and results of host functions.

use host_runtime::{
    HostCallError, HostObject, Runtime, ValueError, imports, wasm_import,
    wasmtime::{AnyRef, ArrayRef, Config, EqRef, ExnRef, ExternRef, I31, Rooted, StructRef, Val},
};

use super::{POINT, THROWN, host, never, runtime};
use crate::support;

#[test]
fn host_functions_take_and_return_references_and_null() {
    let mut guest = support::guest(
        imports![mod host],
        r#"(module
                (import "host" "same_func" (func $func (param funcref) (result funcref)))
                (import "host" "same_extern"
                    (func $extern (param externref i32) (result i64 externref)))
                (import "host" "same_any" (func $any (param anyref) (result anyref)))
                (func (export "func") (param funcref) (result funcref) (call $func (local.get 0)))
                (func (export "extern") (param externref) (result i64 externref)
                    (call $extern (local.get 0) (i32.const -1)))
                (func (export "any") (result i32)
                    (i31.get_u (ref.cast (ref i31) (call $any (ref.i31 (i32.const 7))))))
                (func (export "null") (result i32)
                    (ref.is_null (call $any (ref.null any)))))"#,
    );
    let instance = guest.raw();
    let func = instance.get_func(guest.store_mut(), "func").unwrap();
    let mut got = [Val::I32(0)];
    func.call(guest.store_mut(), &[Val::FuncRef(Some(func))], &mut got)
        .unwrap();
    assert!(got[0].unwrap_funcref().is_some());
    func.call(guest.store_mut(), &[Val::FuncRef(None)], &mut got)
        .unwrap();
    assert!(got[0].unwrap_funcref().is_none());

    let value = ExternRef::new(guest.store_mut(), "mine").unwrap();
    let func = instance.get_func(guest.store_mut(), "extern").unwrap();
    let mut got = [Val::I32(0), Val::I32(0)];
    func.call(guest.store_mut(), &[Val::ExternRef(Some(value))], &mut got)
        .unwrap();
    assert_eq!(got[0].unwrap_i64(), 1);
    let back = got[1].unwrap_externref().unwrap();
    assert!(Rooted::ref_eq(guest.store_mut(), back, &value).unwrap());
    assert_eq!(guest.call::<(), i32>("any", ()).unwrap(), 7);
    assert_eq!(guest.call::<(), i32>("null", ()).unwrap(), 1);
}

macro_rules! collected_references {
    ($($name:ident: $ty:ty;)*) => {$(
        #[wasm_import(module = "gc")]
        fn $name(x: $ty) -> ($ty, u32) {
            (x, x.is_some().into())
        }
    )*};
}

collected_references! {
    back_any: Option<Rooted<AnyRef>>;
    back_eq: Option<Rooted<EqRef>>;
    back_i31: Option<I31>;
    back_struct: Option<Rooted<StructRef>>;
    back_array: Option<Rooted<ArrayRef>>;
    back_exn: Option<Rooted<ExnRef>>;
}

#[test]
fn host_functions_take_and_return_garbage_collected_values() {
    let mut config = Config::new();
    config.wasm_gc(true).wasm_exceptions(true);
    let imports = imports![
        back_any,
        back_eq,
        back_i31,
        back_struct,
        back_array,
        back_exn
    ];
    let runtime = Runtime::builder().imports(imports).config(config);
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (type $point (struct (field i32)))
                (type $bytes (array (mut i8)))
                (tag $thrown (param i32))
                (import "gc" "back_any" (func $any (param anyref) (result anyref i32)))
                (import "gc" "back_eq" (func $eq (param eqref) (result eqref i32)))
                (import "gc" "back_i31" (func $i31 (param i31ref) (result i31ref i32)))
                (import "gc" "back_struct" (func $struct (param structref) (result structref i32)))
                (import "gc" "back_array" (func $array (param arrayref) (result arrayref i32)))
                (import "gc" "back_exn" (func $exn (param exnref) (result exnref i32)))
                (func (export "any") (result i32) (local $x eqref)
                    (local.set $x (struct.new $point (i32.const 1)))
                    (drop (call $any (local.get $x)))
                    (ref.eq (ref.cast eqref) (local.get $x)))
                (func (export "eq") (result i32) (local $x eqref)
                    (local.set $x (struct.new $point (i32.const 1)))
                    (drop (call $eq (local.get $x)))
                    (ref.eq (local.get $x)))
                (func (export "i31") (result i32)
                    (drop (call $i31 (ref.i31 (i32.const 77))))
                    (i32.eq (i31.get_u) (i32.const 77)))
                (func (export "struct") (result i32)
                    (drop (call $struct (struct.new $point (i32.const 42))))
                    (i32.eq (struct.get $point 0 (ref.cast (ref $point))) (i32.const 42)))
                (func (export "array") (result i32)
                    (drop (call $array (array.new $bytes (i32.const 3) (i32.const 9))))
                    (i32.eq (array.len) (i32.const 9)))
                (func (export "exn") (result i32)
                    (block $caught (result i32)
                        (try_table (catch $thrown $caught)
                            (drop (call $exn (block $reference (result exnref)
                                (try_table (catch_all_ref $reference) (throw $thrown (i32.const 1)))
                                (unreachable))))
                            (throw_ref))
                        (unreachable))))"#,
        )
        .unwrap();
    for kind in ["any", "eq", "i31", "struct", "array", "exn"] {
        assert_eq!(guest.call::<(), i32>(kind, ()).unwrap(), 1, "{kind}");
    }
}

/// The guest may import the host function with a nullable parameter. The result is never null.
#[test]
fn null_is_an_error_for_a_parameter_that_is_never_null() {
    let of = |name: &str, nullable: &str, heap: &str, some: &str| {
        let mut guest = runtime(imports![mod never])
            .instantiate(format!(
                r#"(module
                    (type $point (struct (field i32)))
                    (type $bytes (array (mut i8)))
                    (tag $thrown)
                    (import "never" "{name}" (func $f (param {nullable}) (result (ref {heap}))))
                    (elem declare func $f)
                    (func (export "null") (drop (call $f (ref.null {heap}))))
                    (func (export "some") (param $host externref) (result i32)
                        (ref.is_null (call $f {some}))))"#
            ))
            .unwrap();
        let value = ExternRef::new(guest.store_mut(), 1_u8).unwrap();
        let raw = guest.raw();
        let some = raw.get_func(guest.store_mut(), "some").unwrap();
        let mut got = [Val::I32(-1)];
        some.call(guest.store_mut(), &[Val::ExternRef(Some(value))], &mut got)
            .unwrap();
        assert_eq!(got[0].unwrap_i32(), 0, "{name}");
        let error = guest.call::<(), ()>("null", ()).unwrap_err();
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.parameter(), Some("x"));
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    for (name, nullable, heap, some, wanted) in [
        ("func", "funcref", "func", "(ref.func $f)", "Func"),
        (
            "external",
            "externref",
            "extern",
            "(local.get $host)",
            "Rooted<ExternRef>",
        ),
        ("any", "anyref", "any", POINT, "Rooted<AnyRef>"),
        ("eq", "eqref", "eq", POINT, "Rooted<EqRef>"),
        ("i31", "i31ref", "i31", "(ref.i31 (i32.const 7))", "I31"),
        ("fields", "structref", "struct", POINT, "Rooted<StructRef>"),
        (
            "array",
            "arrayref",
            "array",
            "(array.new $bytes (i32.const 3) (i32.const 9))",
            "Rooted<ArrayRef>",
        ),
        ("exn", "exnref", "exn", THROWN, "Rooted<ExnRef>"),
    ] {
        assert_eq!(
            of(name, nullable, heap, some),
            format!("it is null: expected a `{wanted}`")
        );
    }
}

/// A `HostObject` is never null, but an `Option` of it may be.
#[test]
fn a_guest_can_import_a_host_object_as_nullable_or_non_nullable() {
    #[wasm_import]
    fn page() -> HostObject<String> {
        HostObject::new("page".to_owned())
    }
    #[wasm_import]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a host function takes a `HostObject` by value"
    )]
    fn title_length(page: HostObject<String>) -> u32 {
        u32::try_from(page.len()).unwrap()
    }
    for ty in ["externref", "(ref extern)"] {
        let mut guest = support::guest(
            imports![page, title_length],
            format!(
                r#"(module
                    (import "env" "page" (func $page (result {ty})))
                    (import "env" "title_length" (func $length (param externref) (result i32)))
                    (func (export "run") (result i32) (call $length (call $page))))"#
            ),
        );
        assert_eq!(guest.call::<(), u32>("run", ()).unwrap(), 4);
    }
    let maybe = imports![maybe_page];
    let runtime = Runtime::builder().imports(maybe).build().unwrap();
    let never_null = r#"(module (import "env" "maybe_page" (func (result (ref extern)))))"#;
    assert!(runtime.load(never_null).is_err());
}

#[wasm_import]
fn maybe_page() -> Option<HostObject<String>> {
    None
}

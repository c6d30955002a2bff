//! References as parameters, results and globals: to functions, to what is the host's, and to what the
//! guest's collector has made.

use host_runtime::{
    AnnotatedGlobal, BadValue, Guest, HostCallError, HostData, Imports, Instance, LinkReport,
    Runtime, imports, wasm_import,
    wasmtime::{
        self, AnyRef, ArrayRef, Config, Engine, EqRef, ExnRef, ExternRef, Func, I31, Linker,
        Module, Rooted, Store, StructRef, Val,
    },
};

/// A struct, and an exception, in a module that has `$point` and `$thrown`.
const POINT: &str = "(struct.new $point (i32.const 1))";
const THROWN: &str =
    "(block $e (result (ref exn)) (try_table (catch_all_ref $e) (throw $thrown)) (unreachable))";

fn runtime(imports: Imports) -> Runtime {
    let mut config = Config::new();
    config.wasm_gc(true).wasm_exceptions(true);
    let runtime = Runtime::builder().imports(imports).config(config);
    runtime.build().unwrap()
}

#[wasm_import(module = "host")]
mod host {
    use super::*;

    pub(super) fn same_func(f: Option<Func>) -> Option<Func> {
        f
    }
    pub(super) fn same_extern(
        x: Option<Rooted<ExternRef>>,
        _between: i32,
    ) -> (i64, Option<Rooted<ExternRef>>) {
        (1, x)
    }
    pub(super) fn same_any(x: Option<Rooted<AnyRef>>) -> Option<Rooted<AnyRef>> {
        x
    }
}

/// References go in and out as they are, null too.
#[test]
fn references() {
    let runtime = Runtime::builder()
        .imports(imports![mod host])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
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
        )
        .unwrap();
    let instance = guest.raw();
    let func = instance.get_func(guest.store_mut(), "func").unwrap();
    let mut got = [Val::I32(0)];
    func.call(guest.store_mut(), &[Val::FuncRef(Some(func))], &mut got)
        .unwrap();
    assert!(got[0].unwrap_funcref().is_some());
    func.call(guest.store_mut(), &[Val::FuncRef(None)], &mut got)
        .unwrap();
    assert!(got[0].unwrap_funcref().is_none());

    let mine = ExternRef::new(guest.store_mut(), "mine").unwrap();
    let func = instance.get_func(guest.store_mut(), "extern").unwrap();
    let mut got = [Val::I32(0), Val::I32(0)];
    func.call(guest.store_mut(), &[Val::ExternRef(Some(mine))], &mut got)
        .unwrap();
    assert_eq!(got[0].unwrap_i64(), 1);
    let back = got[1].unwrap_externref().unwrap();
    assert!(Rooted::ref_eq(guest.store_mut(), back, &mine).unwrap());
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

/// What the guest's collector has made comes back as it was, also when it collects meanwhile.
#[test]
fn references_to_what_the_guest_has_made() {
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

/// Takes and gives what is never null.
macro_rules! never_null {
    ($($name:ident: $ty:ty;)*) => {
        #[wasm_import(module = "never")]
        mod never {
            use super::*;

            $(pub(super) fn $name(x: $ty) -> $ty {
                x
            })*
        }
    };
}

never_null! {
    func: Func;
    external: Rooted<ExternRef>;
    any: Rooted<AnyRef>;
    eq: Rooted<EqRef>;
    i31: I31;
    fields: Rooted<StructRef>;
    array: Rooted<ArrayRef>;
    exn: Rooted<ExnRef>;
}

/// A guest may have null at hand where the host takes none; what it gets is never null.
#[test]
fn references_that_are_never_null() {
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
        let mine = ExternRef::new(guest.store_mut(), 1_u8).unwrap();
        let raw = guest.raw();
        let some = raw.get_func(guest.store_mut(), "some").unwrap();
        let mut got = [Val::I32(-1)];
        some.call(guest.store_mut(), &[Val::ExternRef(Some(mine))], &mut got)
            .unwrap();
        assert_eq!(got[0].unwrap_i32(), 0, "{name}");
        let error = guest.call::<(), ()>("null", ()).unwrap_err();
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.parameter(), Some("x"));
        error.downcast_ref::<BadValue>().unwrap().to_string()
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
            format!("it is null; a `{wanted}` is wanted")
        );
    }
}

/// A module may pass less than the host takes, and take more than it gives; and write that type anywhere.
#[test]
fn types_match_as_the_specification_has_it() {
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
        goes_through(&mut guest, import);

        // And in an embedder's linker, which is told the module.
        let module = Module::new(guest.engine(), &source).unwrap();
        let mut linker = Linker::new(guest.engine());
        all()
            .add_to_linker_for(&module, &mut linker, |host: &mut HostData| host)
            .unwrap();
        let mut store = Store::new(guest.engine(), HostData::new());
        linker.instantiate(&mut store, &module).unwrap();
    }
    let wrong = r#"(module (import "never" "external" (func (param anyref) (result externref))))"#;
    let error = runtime(all()).instantiate(wrong).unwrap_err();
    let report: &LinkReport = error.downcast_ref().unwrap();
    assert!(
        report
            .to_string()
            .contains("`x: Rooted<ExternRef>` is externref here and anyref in the guest"),
        "{report}"
    );
}

#[wasm_import(module = "numbers")]
mod numbers {
    pub(super) fn same(x: i32) -> i32 {
        x
    }
}

fn goes_through(guest: &mut Instance, import: &str) {
    let mine = ExternRef::new(guest.store_mut(), "mine").unwrap();
    let raw = guest.raw();
    let run = raw.get_func(guest.store_mut(), "run").unwrap();
    let mut got = [Val::I32(0)];
    run.call(guest.store_mut(), &[Val::ExternRef(Some(mine))], &mut got)
        .unwrap();
    let back = got[0].unwrap_externref().unwrap();
    assert!(
        Rooted::ref_eq(guest.store_mut(), back, &mine).unwrap(),
        "{import}"
    );
}

/// Modules of another engine are told apart before types are compared, which would panic.
#[test]
fn a_module_of_another_engine() {
    let module = Module::new(
        &Engine::default(),
        r#"(module (import "never" "external" (func (param externref) (result (ref extern)))))"#,
    );
    let mut linker = Linker::new(&Engine::default());
    imports![mod never]
        .add_to_linker_for(&module.unwrap(), &mut linker, |host: &mut HostData| host)
        .unwrap();
}

/// A global of each kind, and a host function that takes what it holds.
macro_rules! globals {
    ($($global:ident, $take:ident: $ty:ty;)*) => {$(
        #[wasm_import(module = "gc")]
        static $global: Option<$ty> = None;

        #[wasm_import(module = "gc")]
        fn $take(mut guest: Guest<'_>) -> wasmtime::Result<Option<$ty>> {
            let held = guest.global::<$global>().expect("the guest imports it");
            guest.set_global::<$global>(None)?;
            Ok(held)
        }
    )*};
}

globals! {
    FUNC, take_func: Func;
    EXTERNAL, take_external: Rooted<ExternRef>;
    ANY, take_any: Rooted<AnyRef>;
    EQ, take_eq: Rooted<EqRef>;
    NUMBER, take_number: I31;
    FIELDS, take_fields: Rooted<StructRef>;
    ARRAY, take_array: Rooted<ArrayRef>;
    EXN, take_exn: Rooted<ExnRef>;
}

/// What a guest puts into a global the host finds there, and takes out again.
#[test]
fn globals_that_hold_references() {
    fn held<G: AnnotatedGlobal>(
        imports: Imports,
        take: &str,
        (short, some): (&str, &str),
        is_null: impl Fn(G::Value) -> bool,
    ) {
        let global = imports.globals().next().unwrap().name().to_owned();
        let mut guest = runtime(imports)
            .instantiate(format!(
                r#"(module
                    (type $point (struct (field i32)))
                    (type $bytes (array (mut i8)))
                    (tag $thrown)
                    (import "gc" "{global}" (global $g (mut {short})))
                    (import "gc" "{take}" (func $take (result {short})))
                    (func $f)
                    (elem declare func $f)
                    (func (export "put") (param $host externref) (global.set $g {some}))
                    (func (export "take") (result i32) (ref.is_null (call $take)))
                    (func (export "is_null") (result i32) (ref.is_null (global.get $g))))"#
            ))
            .unwrap();
        assert!(is_null(guest.global::<G>().unwrap()), "{global}");
        let mine = ExternRef::new(guest.store_mut(), 1_u8).unwrap();
        let raw = guest.raw();
        let put = raw.get_func(guest.store_mut(), "put").unwrap();
        put.call(guest.store_mut(), &[Val::ExternRef(Some(mine))], &mut [])
            .unwrap();
        assert!(!is_null(guest.global::<G>().unwrap()), "{global}");
        assert_eq!(guest.call::<(), i32>("take", ()).unwrap(), 0, "{global}");
        assert_eq!(guest.call::<(), i32>("is_null", ()).unwrap(), 1, "{global}");
    }
    held::<FUNC>(
        imports![FUNC, take_func],
        "take_func",
        ("funcref", "(ref.func $f)"),
        |f| f.is_none(),
    );
    held::<EXTERNAL>(
        imports![EXTERNAL, take_external],
        "take_external",
        ("externref", "(local.get $host)"),
        |x| x.is_none(),
    );
    held::<ANY>(
        imports![ANY, take_any],
        "take_any",
        ("anyref", POINT),
        |x| x.is_none(),
    );
    held::<EQ>(imports![EQ, take_eq], "take_eq", ("eqref", POINT), |x| {
        x.is_none()
    });
    let seven = ("i31ref", "(ref.i31 (i32.const 7))");
    held::<NUMBER>(
        imports![NUMBER, take_number],
        "take_number",
        seven,
        |number| {
            assert!(number.is_none_or(|number| number.get_u32() == 7));
            number.is_none()
        },
    );
    held::<FIELDS>(
        imports![FIELDS, take_fields],
        "take_fields",
        ("structref", POINT),
        |x| x.is_none(),
    );
    let array = ("arrayref", "(array.new $bytes (i32.const 3) (i32.const 9))");
    held::<ARRAY>(imports![ARRAY, take_array], "take_array", array, |x| {
        x.is_none()
    });
    held::<EXN>(
        imports![EXN, take_exn],
        "take_exn",
        ("exnref", THROWN),
        |x| x.is_none(),
    );
}

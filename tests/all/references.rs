//! References as parameters, results and globals: to functions, to what is the host's, and to what
//! the guest's collector has made.

use host_runtime::{
    AnnotatedGlobal, Guest, HostCallError, HostData, HostObject, Imports, LinkReport, Runtime,
    ValueError, imports, wasm_import,
    wasmtime::{
        self, AnyRef, ArrayRef, Caller, Config, Engine, EqRef, ExnRef, ExternRef, Func, I31,
        Instance, Linker, Module, Rooted, Store, StructRef, Val,
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
            format!("it is null; a `{wanted}` is wanted")
        );
    }
}

/// A module may pass less than the host takes, and take more than it gives; and write that type
/// anywhere.
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
        let instance = guest.raw();
        goes_through(guest.store_mut(), instance, import);

        // And in an embedder's linker, which is told the module.
        let module = Module::new(guest.engine(), &source).unwrap();
        let mut linker = Linker::new(guest.engine());
        all()
            .add_to_linker_for(&module, &mut linker, |host: &mut HostData| host)
            .unwrap();
        let mut store = Store::new(guest.engine(), HostData::new());
        let instance = linker.instantiate(&mut store, &module).unwrap();
        goes_through(&mut store, instance, import);
    }
}

/// Only what is wrong is said to be.
#[test]
fn types_that_do_not_match() {
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
    // Each fits, and one function cannot have both types.
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

/// What a guest has of its own types, and of none, goes through functions of every kind as what it
/// is a subtype of, and comes back as what that is one of.
#[test]
fn types_of_the_guest_match_those_of_the_host() {
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

fn goes_through(store: &mut Store<HostData>, instance: Instance, import: &str) {
    let mine = ExternRef::new(&mut *store, "mine").unwrap();
    let run = instance.get_func(&mut *store, "run").unwrap();
    let mut got = [Val::I32(0)];
    run.call(&mut *store, &[Val::ExternRef(Some(mine))], &mut got)
        .unwrap();
    let back = got[0].unwrap_externref().unwrap();
    assert!(Rooted::ref_eq(store, back, &mine).unwrap(), "{import}");
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

/// A global of each kind, a host function that takes what it holds, and one that puts it back.
macro_rules! globals {
    ($($global:ident, $take:ident, $put:ident: $ty:ty;)*) => {$(
        #[wasm_import(module = "gc")]
        static $global: Option<$ty> = None;

        #[wasm_import(module = "gc")]
        fn $take(mut guest: Guest<'_>) -> wasmtime::Result<Option<$ty>> {
            let held = guest.global::<$global>().expect("the guest imports it");
            guest.set_global::<$global>(None)?;
            Ok(held)
        }

        #[wasm_import(module = "gc")]
        fn $put(mut guest: Guest<'_>, x: $ty) -> wasmtime::Result<()> {
            guest.set_global::<$global>(Some(x))
        }
    )*};
}

globals! {
    FUNC, take_func, put_func: Func;
    EXTERNAL, take_external, put_external: Rooted<ExternRef>;
    ANY, take_any, put_any: Rooted<AnyRef>;
    EQ, take_eq, put_eq: Rooted<EqRef>;
    NUMBER, take_number, put_number: I31;
    FIELDS, take_fields, put_fields: Rooted<StructRef>;
    ARRAY, take_array, put_array: Rooted<ArrayRef>;
    EXN, take_exn, put_exn: Rooted<ExnRef>;
}

/// What a guest puts into a global the host finds there, and takes out again.
#[test]
fn globals_that_hold_references() {
    fn held<G: AnnotatedGlobal>(
        imports: Imports,
        name: &str,
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
                    (import "gc" "take_{name}" (func $take (result {short})))
                    (import "gc" "put_{name}" (func $put (param {short})))
                    (func $f)
                    (elem declare func $f)
                    (func (export "put") (param $host externref) (global.set $g {some}))
                    (func (export "put_back") (call $put (call $take)))
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
        guest.call::<(), ()>("put_back", ()).unwrap();
        assert!(!is_null(guest.global::<G>().unwrap()), "{global}");
        assert_eq!(guest.call::<(), i32>("take", ()).unwrap(), 0, "{global}");
        assert_eq!(guest.call::<(), i32>("is_null", ()).unwrap(), 1, "{global}");
    }
    held::<FUNC>(
        imports![FUNC, take_func, put_func],
        "func",
        ("funcref", "(ref.func $f)"),
        |f| f.is_none(),
    );
    held::<EXTERNAL>(
        imports![EXTERNAL, take_external, put_external],
        "external",
        ("externref", "(local.get $host)"),
        |x| x.is_none(),
    );
    held::<ANY>(
        imports![ANY, take_any, put_any],
        "any",
        ("anyref", POINT),
        |x| x.is_none(),
    );
    held::<EQ>(imports![EQ, take_eq, put_eq], "eq", ("eqref", POINT), |x| {
        x.is_none()
    });
    let seven = ("i31ref", "(ref.i31 (i32.const 7))");
    held::<NUMBER>(
        imports![NUMBER, take_number, put_number],
        "number",
        seven,
        |number| {
            assert!(number.is_none_or(|number| number.get_u32() == 7));
            number.is_none()
        },
    );
    held::<FIELDS>(
        imports![FIELDS, take_fields, put_fields],
        "fields",
        ("structref", POINT),
        |x| x.is_none(),
    );
    let array = ("arrayref", "(array.new $bytes (i32.const 3) (i32.const 9))");
    held::<ARRAY>(
        imports![ARRAY, take_array, put_array],
        "array",
        array,
        |x| x.is_none(),
    );
    held::<EXN>(
        imports![EXN, take_exn, put_exn],
        "exn",
        ("exnref", THROWN),
        |x| x.is_none(),
    );
}

/// A host object is never null, and so it is given for both types of reference.
#[test]
fn a_host_object_for_a_reference_that_is_never_null() {
    #[wasm_import]
    fn page() -> HostObject<String> {
        HostObject::new("page".to_owned())
    }
    #[wasm_import]
    #[expect(clippy::needless_pass_by_value, reason = "a host function gets it so")]
    fn title_length(page: HostObject<String>) -> u32 {
        u32::try_from(page.len()).unwrap()
    }
    for ty in ["externref", "(ref extern)"] {
        let runtime = Runtime::builder().imports(imports![page, title_length]);
        let mut guest = runtime
            .build()
            .unwrap()
            .instantiate(format!(
                r#"(module
                    (import "env" "page" (func $page (result {ty})))
                    (import "env" "title_length" (func $length (param externref) (result i32)))
                    (func (export "run") (result i32) (call $length (call $page))))"#
            ))
            .unwrap();
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

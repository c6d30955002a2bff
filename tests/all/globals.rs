//! Annotated constants and statics, as guests see them.

use host_runtime::{
    AnnotatedGlobal, Guest, GuestSize, HostData, Imports, LinkError, MockGuest, ProvidedImport,
    Runtime, imports, wasm_import, wasmtime,
};
use wasmtime::{
    AnyRef, Engine, ExternRef, Func, Linker, MemoryType, Module, RefType, Rooted, Store, TableType,
};

fn runtime(imports: Imports) -> Runtime {
    Runtime::builder().imports(imports).build().unwrap()
}

/// What linking says, without its first line.
fn complaints(runtime: &Runtime, module: &str) -> String {
    let error = runtime.load(module).unwrap_err().to_string();
    let (_, rest) = error.split_once("\n  ").unwrap();
    rest.to_owned()
}

/// A `const` and a `static` of one type, and a guest that returns both and says whether they are
/// the same as what is given.
macro_rules! of_every_type {
    ($($test:ident: $ty:ty = $value:expr, $wasm:literal, $same:literal;)*) => {$(
        #[test]
        fn $test() {
            #[wasm_import]
            const CONSTANT: $ty = $value;
            #[wasm_import]
            static VARIABLE: $ty = $value;

            let mut guest = runtime(imports![CONSTANT, VARIABLE])
                .instantiate(concat!(
                    r#"(module
                        (import "env" "CONSTANT" (global $c "#, $wasm, r#"))
                        (import "env" "VARIABLE" (global $v (mut "#, $wasm, r#")))
                        (func (export "change") (global.set $v (global.get $v)))
                        (func (export "same") (result i32)
                            (local $x "#, $wasm, r#")
                            (local.set $x (global.get $c))
                            (if (i32.eqz (block (result i32) "#, $same, r#")) (then (return (i32.const 0))))
                            (local.set $x (global.get $v))
                            (block (result i32) "#, $same, ")))",
                ))
                .unwrap();
            guest.call::<(), ()>("change", ()).unwrap();
            assert_eq!(guest.call::<(), i32>("same", ()).unwrap(), 1);
            let same = |value: Option<$ty>| format!("{:?}", value.unwrap()) == format!("{:?}", VARIABLE);
            assert!(same(guest.global::<CONSTANT>()));
            assert!(same(guest.global::<VARIABLE>()));
        }
    )*};
}

of_every_type! {
    i32_is_i32: i32 = -7, "i32", "(i32.eq (local.get $x) (i32.const -7))";
    u32_is_i32: u32 = u32::MAX, "i32", "(i32.eq (local.get $x) (i32.const -1))";
    i64_is_i64: i64 = i64::MIN, "i64", "(i64.eq (local.get $x) (i64.const 0x8000000000000000))";
    u64_is_i64: u64 = u64::MAX - 1, "i64", "(i64.eq (local.get $x) (i64.const -2))";
    f32_is_f32: f32 = 1.5, "f32", "(f32.eq (local.get $x) (f32.const 1.5))";
    f64_is_f64: f64 = -0.25, "f64", "(f64.eq (local.get $x) (f64.const -0.25))";
    u128_is_v128: u128 = 5, "v128",
        "(i64.eq (i64x2.extract_lane 0 (local.get $x)) (i64.const 5))";
    size_is_i32: GuestSize = GuestSize(4096), "i32", "(i32.eq (local.get $x) (i32.const 4096))";
    func_is_funcref: Option<Func> = None, "funcref", "(ref.is_null (local.get $x))";
    extern_is_externref: Option<Rooted<ExternRef>> = None, "externref", "(ref.is_null (local.get \
        $x))";
    any_is_anyref: Option<Rooted<AnyRef>> = None, "anyref", "(ref.is_null (local.get $x))";
}

#[wasm_import(module = "limits")]
const BASE: GuestSize = GuestSize(0x1_0000_0000);

#[test]
fn a_size_is_as_wide_as_the_memory() {
    let guest = |memory: &str, ty: &str| {
        let source = format!(
            r#"(module (import "limits" "BASE" (global $b {ty}))
                (memory (export "memory") {memory} 1)
                (func (export "base") (result {ty}) (global.get $b)))"#
        );
        runtime(imports![BASE]).instantiate(source)
    };
    let mut wide = guest("i64", "i64").unwrap();
    assert_eq!(wide.call::<(), u64>("base", ()).unwrap(), 0x1_0000_0000);
    let error = guest("", "i32").unwrap_err().to_string();
    assert_eq!(error, "4294967296 does not fit the guest's i32");
}

#[wasm_import(module = "host", name = "__stack_pointer")]
static STACK_POINTER: i32 = 65536;

const PUSHES: &str = r#"(module
    (import "host" "__stack_pointer" (global $sp (mut i32)))
    (func (export "push") (result i32)
        (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
        (global.get $sp)))"#;

#[test]
fn each_store_has_its_own_and_shares_it() {
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
    assert_eq!(STACK_POINTER, 65536, "what it begins with stays");
    assert!(first.provided("host", "__stack_pointer").is_some());
}

#[test]
fn only_those_that_are_imported_are_there() {
    let mut guest = runtime(imports![STACK_POINTER])
        .instantiate("(module)")
        .unwrap();
    assert_eq!(guest.global::<STACK_POINTER>(), None);
}

#[test]
fn listed_twice_is_one_global() {
    let mut guest = runtime(imports![STACK_POINTER])
        .instantiate(
            r#"(module
                (import "host" "__stack_pointer" (global $a (mut i32)))
                (import "host" "__stack_pointer" (global $b (mut i32)))
                (func (export "run") (result i32)
                    (global.set $a (i32.const 5))
                    (global.get $b)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 5);
}

#[wasm_import(module = "host")]
fn pop(mut guest: Guest<'_>, bytes: i32) -> wasmtime::Result<i32> {
    let before = guest.global::<STACK_POINTER>().unwrap_or(-1);
    guest.set_global::<STACK_POINTER>(before + bytes)?;
    Ok(before)
}

#[test]
fn host_functions_read_and_change_them() {
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
            r#"(module (import "host" "pop" (func (param i32) (result i32))) (export "pop" (func 0)))"#,
        )
        .unwrap();
    let error = without.call::<i32, i32>("pop", 8).unwrap_err();
    assert!(
        format!("{error:#}").contains(
            "no guest of the store imports `host.__stack_pointer`, static STACK_POINTER: i32 \
             (tests/all/globals.rs:"
        ),
        "{error:#}"
    );
}

#[wasm_import(module = "limits")]
static END: GuestSize = GuestSize(8);

#[wasm_import(module = "limits", memory = "big")]
fn set_end(mut guest: Guest<'_>, to: GuestSize) -> wasmtime::Result<()> {
    guest.set_global::<END>(to)
}

/// A global has one width, whichever memory a function is for.
#[test]
fn a_size_that_a_function_of_another_memory_sets() {
    let mut guest = runtime(imports![END, set_end])
        .instantiate(
            r#"(module
                (import "limits" "END" (global $end (mut i32)))
                (import "limits" "set_end" (func $set (param i64)))
                (memory (export "memory") 1)
                (memory (export "big") i64 1)
                (func (export "run") (result i32) (call $set (i64.const 77)) (global.get $end)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 77);
}

#[test]
fn a_mock_guest_has_them() {
    let mut guest = MockGuest::new(0);
    for before in [65536, 65544] {
        let results = guest.call(&imports![pop], &[8.into()]).unwrap();
        assert_eq!(results[0].unwrap_i32(), before);
    }
}

#[wasm_import(module = "group", rename_all = "camelCase")]
mod group {
    #[wasm_import]
    pub(super) const TABLE_BASE: i32 = 1;
    #[wasm_import(module = "other", name = "π")]
    const PI: f64 = 3.0;
    const NOT_OFFERED: i32 = 2;

    pub(super) fn not_offered() -> i32 {
        NOT_OFFERED
    }
}

#[test]
fn modules_offer_those_with_an_attribute() {
    let imports = imports![mod group];
    let names: Vec<_> = imports.globals().map(|g| (g.module(), g.name())).collect();
    assert_eq!(names, [("group", "tableBase"), ("other", "π")]);
    assert_eq!(imports.len(), 3, "{}", group::not_offered());
    let base = imports.global("group", "tableBase").unwrap();
    assert_eq!(base.declaration(), "const TABLE_BASE: i32");
    assert!(!base.is_mutable());
    assert_eq!(group::TABLE_BASE, 1);
    assert_eq!(imports![group::TABLE_BASE].len(), 1);
}

fn kind<G: AnnotatedGlobal>() -> String {
    G::GLOBAL.wasm_type()
}

#[test]
fn types_are_told() {
    assert_eq!(kind::<group::TABLE_BASE>(), "(global i32)");
    assert_eq!(kind::<STACK_POINTER>(), "(global (mut i32))");
}

#[test]
fn the_report_compares_globals() {
    #[wasm_import(module = "m")]
    const LIMIT: i32 = 5;
    #[wasm_import(module = "m")]
    static LEVEL: i64 = 5;
    #[wasm_import(module = "m")]
    fn level() {}

    let runtime = runtime(imports![LIMIT, LEVEL, level]);
    let line = |name| {
        let all = imports![LIMIT, LEVEL, level];
        all.iter()
            .find(|item| item.name() == name)
            .unwrap()
            .location()
            .line
    };
    let (limit, variable, function) = (line("LIMIT"), line("LEVEL"), line("level"));
    assert_eq!(
        complaints(
            &runtime,
            r#"(module (import "m" "LIMIT" (global (mut i32)))
                (import "m" "LEVEL" (global i64))
                (import "m" "level" (global i32))
                (import "m" "LIMITS" (global i32))
                (import "n" "BASE" (global (mut i32))))"#
        ),
        format!(
            "`m.LIMITS` is missing, (global i32)\
             \n      there is `m.LIMIT`: const LIMIT: i32 (tests/all/globals.rs:{limit})\
             \n      if that is meant, add `name = \"LIMITS\"` to its attribute\
             \n  `n.BASE` is missing, (global (mut i32))\
             \n      write a `static` with `#[wasm_import(module = \"n\", name = \"BASE\")]`, or \
             provide one by `Runtime::builder().provide(\"n\", \"BASE\", …)`\
             \n  `m.LIMIT`, const LIMIT: i32 (tests/all/globals.rs:{limit}) has another type than the \
             guest imports\
             \n      host:  (global i32)\
             \n      guest: (global (mut i32))\
             \n      the guest changes it: write `static` for `const`\
             \n  `m.LEVEL`, static LEVEL: i64 (tests/all/globals.rs:{variable}) has another type than \
             the guest imports\
             \n      host:  (global (mut i64))\
             \n      guest: (global i64)\
             \n      to the guest it is constant: write `const` for `static`\
             \n  `m.level`, fn level() (tests/all/globals.rs:{function}) has another type than the \
             guest imports\
             \n      host:  (func)\
             \n      guest: (global i32)"
        )
    );
    let report = runtime.report(&Module::new(runtime.engine(), "(module)").unwrap());
    let unused: Vec<_> = report
        .unused()
        .iter()
        .map(host_runtime::HostImport::code)
        .collect();
    assert_eq!(
        unused,
        ["static LEVEL: i64", "const LIMIT: i32", "fn level()"]
    );
}

#[test]
fn the_report_compares_what_is_provided() {
    let runtime = Runtime::builder()
        .imports(Imports::none())
        .provide("m", "memory", MemoryType::new(1, Some(4)))
        .provide("m", "memory64", MemoryType::new64(1, None))
        .provide("m", "table", TableType::new(RefType::FUNCREF, 1, None))
        .provide("m", "base", ProvidedImport::GlobalConst(8.into()))
        .build()
        .unwrap();
    let fits = [
        "(memory 1)",
        "(memory 1 4)",
        "(memory 1 5)",
        "(memory 0 65536)",
    ];
    for memory in fits {
        let module = format!(r#"(module (import "m" "memory" {memory}))"#);
        runtime.instantiate(module).unwrap();
    }
    let says = |name: &str, guest: &str, host: &str| {
        let module = format!(r#"(module (import "m" "{name}" {guest}))"#);
        let complaints = complaints(&runtime, &module);
        let lines: Vec<_> = complaints.lines().take(3).collect();
        assert_eq!(
            lines.join("\n"),
            format!(
                "`m.{name}`, given by `Runtime::builder().provide(…)`, has another type than the \
                 guest imports\
                 \n      host:  {host}\
                 \n      guest: {guest}"
            )
        );
    };
    says("memory", "(memory 2)", "(memory 1 4)");
    says("memory", "(memory 1 3)", "(memory 1 4)");
    says("memory", "(memory 1 4 shared)", "(memory 1 4)");
    says("memory", "(memory i64 1)", "(memory 1 4)");
    says("memory64", "(memory 1)", "(memory i64 1)");
    says("memory64", "(memory i64 1 9)", "(memory i64 1)");
    says("table", "(table 1 externref)", "(table 1 funcref)");
    says("table", "(table 2 funcref)", "(table 1 funcref)");
    says("base", "(global i64)", "(global i32)");
    says("base", "(global (mut i32))", "(global i32)");
    says("base", "(func)", "(global i32)");
}

#[test]
fn what_is_provided_goes_before_what_is_annotated() {
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
fn one_name_for_two_items_is_an_error() {
    #[wasm_import(module = "m", name = "x")]
    const X: i32 = 1;
    #[wasm_import(module = "m", name = "x")]
    fn x() {}

    let error = imports![X, x].check().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "a host function and a global are both called `m.x`: const X: i32 (tests/all/globals.rs:"
        ),
        "{error}"
    );
}

#[test]
fn linkers_of_an_embedder_get_them() {
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
        // The second instance shares the store, and so the global.
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
            "`host.__stack_pointer`, static STACK_POINTER: i32 (tests/all/globals.rs:"
        ),
        "{error}"
    );
}

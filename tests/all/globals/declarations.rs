//! The declarations of globals, and how linking compares them with the imports of a module.

use host_runtime::{
    Imports, ProvidedImport, Runtime, imports, items::GlobalImport, wasm_import, wasmtime,
};
use wasmtime::{MemoryType, Module, RefType, TableType};

use super::{STACK_POINTER, runtime};

/// The link report for this module without its first line.
fn link_report(runtime: &Runtime, module: &str) -> String {
    let error = runtime.load(module).unwrap_err().to_string();
    let (_, rest) = error.split_once("\n  ").unwrap();
    rest.to_owned()
}

#[wasm_import(module = "group", rename_all = "camelCase")]
mod group {
    #[wasm_import]
    pub(super) const TABLE_BASE: i32 = 1;
    #[wasm_import(module = "other", name = "π")]
    const PI: f64 = 3.0;
    const NOT_AN_IMPORT: i32 = 2;

    pub(super) fn not_offered() -> i32 {
        NOT_AN_IMPORT
    }
}

#[test]
fn an_annotated_module_provides_the_constants_that_have_an_attribute() {
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

fn wasm_type<G: GlobalImport>() -> String {
    G::GLOBAL.wasm_type()
}

#[test]
fn the_type_of_a_global_is_in_the_text_format() {
    assert_eq!(wasm_type::<group::TABLE_BASE>(), "(global i32)");
    assert_eq!(wasm_type::<STACK_POINTER>(), "(global (mut i32))");
}

#[test]
fn the_link_report_compares_the_types_of_globals() {
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
        link_report(
            &runtime,
            r#"(module (import "m" "LIMIT" (global (mut i32)))
                (import "m" "LEVEL" (global i64))
                (import "m" "level" (global i32))
                (import "m" "LIMITS" (global i32))
                (import "n" "BASE" (global (mut i32))))"#
        ),
        format!(
            "`m.LIMITS` is missing, (global i32)\
             \n      there is `m.LIMIT`: const LIMIT: i32 \
             (tests/all/globals/declarations.rs:{limit})\
             \n      if that is meant, add `name = \"LIMITS\"` to its attribute\
             \n  `n.BASE` is missing, (global (mut i32))\
             \n      write a `static` with `#[wasm_import(module = \"n\", name = \"BASE\")]`, or \
             provide one with `Runtime::builder().provide(\"n\", \"BASE\", …)`\
             \n  `m.LIMIT`, const LIMIT: i32 (tests/all/globals/declarations.rs:{limit}) has \
             another type than the guest imports\
             \n      host:  (global i32)\
             \n      guest: (global (mut i32))\
             \n      the guest changes it: write `static` instead of `const`\
             \n  `m.LEVEL`, static LEVEL: i64 (tests/all/globals/declarations.rs:{variable}) has \
             another type than the guest imports\
             \n      host:  (global (mut i64))\
             \n      guest: (global i64)\
             \n      it is constant in the guest: write `const` instead of `static`\
             \n  `m.level`, fn level() (tests/all/globals/declarations.rs:{function}) has another \
             type than the guest imports\
             \n      host:  (func)\
             \n      guest: (global i32)"
        )
    );
    let report = runtime.report(&Module::new(runtime.engine(), "(module)").unwrap());
    let unused: Vec<_> = report
        .unused()
        .iter()
        .map(host_runtime::items::HostImport::code)
        .collect();
    assert_eq!(
        unused,
        ["static LEVEL: i64", "const LIMIT: i32", "fn level()"]
    );
}

#[test]
fn the_link_report_compares_the_types_of_provided_imports() {
    let runtime = Runtime::builder()
        .imports(Imports::none())
        .provide("m", "memory", MemoryType::new(1, Some(4)))
        .provide("m", "memory64", MemoryType::new64(1, None))
        .provide("m", "table", TableType::new(RefType::FUNCREF, 1, None))
        .provide("m", "base", ProvidedImport::GlobalConst(8.into()))
        .build()
        .unwrap();
    let matching = [
        "(memory 1)",
        "(memory 1 4)",
        "(memory 1 5)",
        "(memory 0 65536)",
    ];
    for memory in matching {
        let module = format!(r#"(module (import "m" "memory" {memory}))"#);
        runtime.instantiate(module).unwrap();
    }
    let check = |name: &str, guest: &str, host: &str| {
        let module = format!(r#"(module (import "m" "{name}" {guest}))"#);
        let report = link_report(&runtime, &module);
        let lines: Vec<_> = report.lines().take(3).collect();
        assert_eq!(
            lines.join("\n"),
            format!(
                "`m.{name}`, provided with `Runtime::builder().provide(…)`, has another type than \
                 the \
                 guest imports\
                 \n      host:  {host}\
                 \n      guest: {guest}"
            )
        );
    };
    check("memory", "(memory 2)", "(memory 1 4)");
    check("memory", "(memory 1 3)", "(memory 1 4)");
    check("memory", "(memory 1 4 shared)", "(memory 1 4)");
    check("memory", "(memory i64 1)", "(memory 1 4)");
    check("memory64", "(memory 1)", "(memory i64 1)");
    check("memory64", "(memory i64 1 9)", "(memory i64 1)");
    check("table", "(table 1 externref)", "(table 1 funcref)");
    check("table", "(table 2 funcref)", "(table 1 funcref)");
    check("base", "(global i64)", "(global i32)");
    check("base", "(global (mut i32))", "(global i32)");
    check("base", "(func)", "(global i32)");
}

#[test]
fn a_global_and_a_function_of_one_name_are_an_error() {
    #[wasm_import(module = "m", name = "x")]
    const X: i32 = 1;
    #[wasm_import(module = "m", name = "x")]
    fn x() {}

    let error = imports![X, x].check().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "a host function and a global are both called `m.x`: const X: i32 \
             (tests/all/globals/declarations.rs:"
        ),
        "{error}"
    );
}

//! Host functions whose names are patterns.

use host_runtime::{
    HostData, Imports, LinkReport, Runtime,
    errors::LinkError,
    imports, wasm_import,
    wasmtime::{Engine, Linker, Module, Store},
};

use super::report;
use crate::support;

#[wasm_import(module = "patterns-wbg")]
mod wbg {
    pub struct Log(pub i32);

    #[wasm_import(name = "__wbg_alert_*")]
    pub fn alert(x: u8) -> i32 {
        i32::from(x)
    }

    #[wasm_import(name = "__wbg_text_*")]
    pub fn text(text: &str) -> u32 {
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    }

    #[wasm_import(name = "__wbg_state_*")]
    pub fn state(#[state] log: &Log) -> i32 {
        log.0
    }
}

/// Each function returns another number.
#[wasm_import(module = "patterns-order")]
mod order {
    #[wasm_import(name = "*")]
    pub fn any() -> i32 {
        1
    }

    #[wasm_import(name = "log_*")]
    pub fn start() -> i32 {
        2
    }

    #[wasm_import(name = "*_error")]
    pub fn end() -> i32 {
        3
    }

    #[wasm_import(name = "log_*_*")]
    pub fn two_stars() -> i32 {
        4
    }

    #[wasm_import(name = "log_error_*")]
    pub fn longer() -> i32 {
        5
    }

    #[wasm_import(name = "log_error_0")]
    pub fn exact() -> i32 {
        6
    }

    #[wasm_import(name = "log_error_**")]
    pub fn with_stars() -> i32 {
        7
    }
}

#[wasm_import(module = "patterns-twice")]
mod twice {
    #[wasm_import(name = "a_*")]
    pub fn first() {}

    #[wasm_import(name = "*_b")]
    pub fn second() {}
}

/// What the function returns that a guest gets for an import of `patterns-order`.
fn ordered(imports: Imports, name: &str) -> i32 {
    let module = format!(
        r#"(module
            (import "patterns-order" "{name}" (func $f (result i32)))
            (func (export "run") (result i32) (call $f)))"#
    );
    support::guest(imports, module)
        .call::<(), i32>("run", ())
        .unwrap()
}

#[test]
fn a_pattern_matches_several_imports_of_one_module() {
    let module = r#"(module
        (import "patterns-wbg" "__wbg_alert_0a1b" (func $a (param i32) (result i32)))
        (import "patterns-wbg" "__wbg_alert_" (func $b (param i32) (result i32)))
        (import "patterns-wbg" "__wbg_text_2c3d" (func $text (param i32 i32) (result i32)))
        (import "patterns-wbg" "__wbg_state_4e5f" (func $state (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32)
            (i32.add (call $state)
                (i32.add (call $text (i32.const 0) (i32.const 100))
                    (i32.add (call $a (i32.const 10)) (call $b (i32.const 3)))))))"#;
    let runtime = Runtime::builder()
        .imports(imports![mod wbg])
        .state_with(|| wbg::Log(1000))
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(module).unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 1113);
}

#[test]
fn an_exact_name_wins_then_the_most_specific_pattern() {
    let without_stars = imports![mod order].filter(|import| !import.name().ends_with("**"));
    for (name, expected) in [
        ("other", 1),
        ("", 1),
        ("log_x", 2),
        ("log_error", 3),
        ("log_x_y", 4),
        ("log_error_1", 5),
        ("log_error_0", 6),
    ] {
        assert_eq!(ordered(without_stars.clone(), name), expected, "{name}");
    }
    // A name with a `*` is also the name of an import.
    for (name, expected) in [("*", 1), ("log_*", 2), ("log_error_**", 7)] {
        assert_eq!(ordered(imports![mod order], name), expected, "{name}");
    }
}

#[test]
fn get_looks_up_patterns() {
    let all = imports![mod order, mod twice];
    let name = |module, name| Some(all.get(module, name)?.name());
    assert_eq!(name("patterns-order", "log_error"), Some("*_error"));
    assert_eq!(name("patterns-twice", "a_x"), Some("a_*"));
    assert_eq!(name("patterns-twice", "x"), None);
    assert_eq!(name("patterns-twice", "a_b"), None, "two patterns match it");
    assert_eq!(name("patterns", "log_x"), None);
}

#[test]
fn an_import_that_matches_equally_specific_patterns_is_reported_once_with_both_places() {
    let import = r#"(import "patterns-twice" "a_b" (func))"#;
    let module = format!("(module {import} {import})");
    assert_eq!(
        report(imports![mod twice], &module),
        "\
the module does not fit the host:
  `patterns-twice.a_b` is offered twice, by patterns that are equally specific:
      `*_b`: fn second() (tests/all/linking/patterns.rs:LINE)
      `a_*`: fn first() (tests/all/linking/patterns.rs:LINE)
      write more of the name for the function that is meant, or leave one out with \
                                                            `Imports::filter`
  offered and not used: `patterns-twice.*_b`, `patterns-twice.a_*`"
    );
    let engine = Engine::default();
    let module = Module::new(&engine, module).unwrap();
    let report = imports![mod twice].report(&module);
    assert!(!report.is_ok());
    let [ambiguous] = report.ambiguous() else {
        panic!("{report}")
    };
    assert_eq!(ambiguous.import.name, "a_b");
    assert_eq!(ambiguous.patterns[0].0, "*_b");
    let mut linker = Linker::<HostData>::new(&engine);
    let error = imports![mod twice].add_to_linker_for(&module, &mut linker, |host| host);
    assert!(matches!(error, Err(LinkError::Report(_))));
}

#[test]
fn a_pattern_of_two_functions_is_a_duplicate() {
    #[wasm_import(module = "patterns-twice", name = "a_*")]
    fn again(_x: i32) {}

    let error = Runtime::builder()
        .imports(imports![twice::first, again])
        .build();
    assert_eq!(
        support::without_lines(&error.unwrap_err().to_string()),
        "two host functions are called `patterns-twice.a_*`: fn again(_x: i32) \
         (tests/all/linking/patterns.rs:LINE) and fn first() \
         (tests/all/linking/patterns.rs:LINE); rename one with `name = \"…\"` or leave it out \
         with `Imports::filter`"
    );
}

#[test]
fn a_pattern_that_matches_nothing_is_unused() {
    let runtime = Runtime::builder()
        .imports(imports![mod twice])
        .build()
        .unwrap();
    let module = Module::new(
        runtime.engine(),
        r#"(module
            (import "patterns-twice" "a_1" (func))
            (import "patterns-twice" "a_2" (func)))"#,
    );
    let report = runtime.report(&module.unwrap());
    assert_eq!(
        report.to_string(),
        "the module fits: 1 host function is used\n  offered and not used: `patterns-twice.*_b`"
    );
    assert_eq!(report.used().len(), 1);
}

#[test]
fn reports_name_the_import_of_the_guest_and_the_pattern() {
    let import = |name: &str, ty: &str| {
        let module = format!(r#"(module (import "patterns-wbg" "{name}" (func {ty})))"#);
        report(imports![mod wbg], &module)
    };
    let mismatch = import("__wbg_alert_0a1b", "(param i32)");
    assert!(
        mismatch.contains(
            "`patterns-wbg.__wbg_alert_0a1b`, fn alert(x: u8) -> i32 \
             (tests/all/linking/patterns.rs:LINE), by the pattern `__wbg_alert_*`, has another \
             type than the guest imports"
        ),
        "{mismatch}"
    );
    let state = import("__wbg_state_0a1b", "(result i32)");
    assert!(
        state.contains(
            "is missing: `patterns-wbg.__wbg_state_0a1b`, fn state(log: &Log) -> i32 \
             (tests/all/linking/patterns.rs:LINE) needs it"
        ),
        "{state}"
    );
}

#[test]
fn similar_patterns_are_suggested_for_a_missing_import() {
    let import = |module: &str, name: &str| {
        let module = format!(r#"(module (import "{module}" "{name}" (func (param i32))))"#);
        report(imports![mod wbg, mod order], &module)
    };
    let misspelt = import("patterns-wbg", "__wbg_alret_0a1b2c3d4e5f6071");
    assert!(
        misspelt.contains(
            "there is `patterns-wbg.__wbg_alert_*`: fn alert(x: u8) -> i32 \
             (tests/all/linking/patterns.rs:LINE)\n      if that is meant, add `name = \
             \"__wbg_alret_0a1b2c3d4e5f6071\"` to its attribute"
        ),
        "{misspelt}"
    );
    let elsewhere = import("./glue.js", "__wbg_alert_0a1b2c3d4e5f6071");
    assert!(
        elsewhere.contains(
            "there is a `__wbg_alert_*` in `patterns-wbg`: fn alert(x: u8) -> i32 \
             (tests/all/linking/patterns.rs:LINE)\n      if that is meant, add `module = \
             \"./glue.js\"` to its attribute"
        ),
        "{elsewhere}"
    );
    // `*` matches every name, so it is no suggestion.
    let other = import("./glue.js", "draw");
    assert!(!other.contains("there is"), "{other}");
}

#[test]
fn a_pattern_matches_functions_only() {
    let report = report(
        imports![order::any],
        r#"(module (import "patterns-order" "memory" (memory 1)))"#,
    );
    assert!(
        report.contains("`patterns-order.memory` is missing, (memory 1)"),
        "{report}"
    );
}

#[test]
fn a_linker_resolves_patterns_only_for_a_module() {
    let engine = Engine::default();
    let mut linker = Linker::<HostData>::new(&engine);
    let text = imports![wbg::text];
    let error = text.add_to_linker(&mut linker, |host| host).unwrap_err();
    assert!(matches!(error, LinkError::Patterns(_)));
    assert_eq!(
        support::without_lines(&error.to_string()),
        "`patterns-wbg.__wbg_text_*`, fn text(text: &str) -> u32 \
         (tests/all/linking/patterns.rs:LINE) is offered by a pattern, which matches imports of a \
         module: use `Imports::add_to_linker_for` with the module, or leave the function out with \
         `Imports::filter`"
    );
    let module = Module::new(
        &engine,
        r#"(module
            (import "patterns-wbg" "__wbg_text_2c3d" (func $text (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "run") (param i32 i32) (result i32)
                (call $text (local.get 0) (local.get 1))))"#,
    )
    .unwrap();
    text.add_to_linker_for(&module, &mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(i32, i32), i32>(&mut store, "run");
    let run = run.unwrap();
    assert_eq!(run.call(&mut store, (0, 7)).unwrap(), 7);
    let error = run.call(&mut store, (-1, 7)).unwrap_err();
    assert!(
        format!("{error:?}").contains("`patterns-wbg.__wbg_text_2c3d` with a bad `text: &str`"),
        "{error:?}"
    );
}

/// The name of an import that the embedder has defined by hand comes from the guest.
#[test]
fn names_that_match_a_pattern_are_escaped_in_the_errors_of_a_linker() {
    let engine = Engine::default();
    let name = "log_\u{1B}[31m";
    let module = r#"(module (import "patterns-order" "log_\1b[31m" (func (result i32))))"#;
    let module = Module::new(&engine, module).unwrap();
    let mut linker = Linker::<HostData>::new(&engine);
    linker.func_wrap("patterns-order", name, || 1_i32).unwrap();
    let error = imports![order::start].add_to_linker_for(&module, &mut linker, |host| host);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("cannot be defined in the linker"), "{error}");
    assert!(error.contains(r"log_\u{1b}[31m"), "{error}");
}

/// The names of imports are as long as they may be, and match almost.
#[test]
fn hostile_names_take_linear_time() {
    #[wasm_import(module = "patterns-hostile", name = "*a*a*a*a*a*a*a*a*a*a*a*a*a*b*")]
    fn hostile() {}

    let imports: String = (0..40)
        .map(|i| {
            let name = "a".repeat(99_000 + i);
            format!(r#"(import "patterns-hostile" "{name}" (func))"#)
        })
        .collect();
    let runtime = Runtime::builder().imports(imports![hostile]);
    let error = runtime.build().unwrap().load(format!("(module {imports})"));
    let error = error.unwrap_err();
    let report: &LinkReport = error.downcast_ref().unwrap();
    assert_eq!(report.missing().len(), 40);
    assert!(report.to_string().len() < 30_000);
}

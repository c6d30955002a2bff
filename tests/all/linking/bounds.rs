//! Link reports of large or hostile modules.

use host_runtime::{Imports, LinkReport, Runtime, imports};

use super::many;

/// A name in a guest cannot add a line to the message, send control characters to the terminal or
/// make the message long.
#[test]
fn names_in_a_guest_are_escaped_and_truncated() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let message = |module: &str| runtime.load(module).unwrap_err().to_string();
    let forged = message(r#"(module (import "env" "ok\0a  `env.fake` is missing" (func)))"#);
    assert!(!forged.contains("\n  `env.fake` is missing"), "{forged}");
    let colored = message(r#"(module (import "env" "\1b[31mred\e2\80\8b" (func)))"#);
    assert!(
        colored.contains(r"`env.\u{1b}[31mred\u{200b}` is missing"),
        "{colored}"
    );
    let long = message(&format!(
        r#"(module (import "{0}" "{0}" (func)))"#,
        "x".repeat(99_999)
    ));
    assert!(long.len() < 2_000, "{}", long.len());
    let types = "(ref null $t) ".repeat(900);
    let wide: String = (0..30)
        .map(|i| format!(r#"(import "env" "f{i}" (func (param {types})))"#))
        .collect();
    let wide = message(&format!("(module (type $t (struct)) {wide})"));
    assert!(wide.len() < 30_000, "{}", wide.len());
}

/// The time to compare the missing imports with the offered ones is limited, and so is the length
/// of the message.
#[test]
fn the_report_of_many_missing_imports_is_bounded() {
    let name = |i: usize| format!("{:0>200}", format!("function_{i}"));
    let missing: String = (0..40_000)
        .map(|i| format!(r#"(import "env" "{}" (func))"#, name(i)))
        .collect();
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    let error = runtime.load(format!("(module {missing})")).unwrap_err();
    let report: &LinkReport = error.downcast_ref().unwrap();
    assert_eq!(report.missing().len(), 40_000);
    let message = report.to_string();
    assert!(
        message.contains("and 39980 more imports are missing"),
        "{message}"
    );
    assert!(message.len() < 30_000, "{}", message.len());
}

/// The host function names its memory, and the module has many other exports.
#[test]
fn a_module_can_import_one_function_many_times() {
    let imports = r#"(import "env" "in_heap" (func (param i32 i32)))"#.repeat(30_000);
    let exports: String = (0..30_000)
        .map(|i| format!(r#"(export "e{i}" (func 0))"#))
        .collect();
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    runtime
        .load(format!(
            r#"(module {imports} (memory (export "heap") 1) {exports})"#
        ))
        .unwrap();
}

#[test]
fn an_import_that_is_listed_twice_is_reported_once() {
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    for import in [
        r#"(import "env" "gone" (func))"#,
        r#"(import "env" "register" (func))"#,
    ] {
        let error = runtime
            .load(format!("(module {import} {import})"))
            .unwrap_err();
        let report: &LinkReport = error.downcast_ref().unwrap();
        assert_eq!(
            report.missing().len() + report.mismatches().len(),
            1,
            "{report}"
        );
    }
}

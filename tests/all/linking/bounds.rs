//! Reports on modules that are large or hostile.

use host_runtime::{Imports, LinkReport, Runtime, imports};

use super::many;

/// A guest's names cannot forge a line, reach the terminal or fill it.
#[test]
fn names_of_a_guest_are_escaped_and_cut() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let said = |module: &str| runtime.load(module).unwrap_err().to_string();
    let forged = said(r#"(module (import "env" "ok\0a  `env.fake` is missing" (func)))"#);
    assert!(!forged.contains("\n  `env.fake` is missing"), "{forged}");
    let colored = said(r#"(module (import "env" "\1b[31mred\e2\80\8b" (func)))"#);
    assert!(
        colored.contains(r"`env.\u{1b}[31mred\u{200b}` is missing"),
        "{colored}"
    );
    let long = said(&format!(
        r#"(module (import "{0}" "{0}" (func)))"#,
        "x".repeat(99_999)
    ));
    assert!(long.len() < 2_000, "{}", long.len());
    let types = "(ref null $t) ".repeat(900);
    let wide: String = (0..30)
        .map(|i| format!(r#"(import "env" "f{i}" (func (param {types})))"#))
        .collect();
    let wide = said(&format!("(module (type $t (struct)) {wide})"));
    assert!(wide.len() < 30_000, "{}", wide.len());
}

/// What is missing is compared with what there is in bounded work, and said in a bounded message.
#[test]
fn many_imports_are_compared_and_said_within_bounds() {
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
    let said = report.to_string();
    assert!(
        said.contains("and 39980 more imports are missing"),
        "{said}"
    );
    assert!(said.len() < 30_000, "{}", said.len());
}

/// An import that is listed often, of a function whose memory is among many exports.
#[test]
fn one_function_may_be_imported_often() {
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
fn an_import_that_is_listed_twice_is_said_once() {
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

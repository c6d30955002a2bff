//! The error messages in the README and in the documentation are those that the library prints.

use host_runtime::{Runtime, imports, wasm_import};

use crate::support;

/// The README shows a link report. The chapter on memory shows the error for a bad value.
const README: &str = include_str!("../../README.md");
const MEMORY: &str = include_str!("../../host-runtime/docs/memory-and-safety.md");

/// The contents of all `text` blocks of a file.
fn shown(file: &str) -> String {
    let blocks = file.split("```");
    let texts = blocks.filter_map(|block| block.strip_prefix("text\n"));
    texts.collect()
}

/// Asserts that a file shows every line of an error.
///
/// The file shows `src/main.rs` instead of this file. Each pair in `lines` has the line number in
/// this file and the line number that the file shows.
fn assert_shown(file: &str, error: &str, lines: &[(u32, u32)]) {
    let mut error = error.replace("tests/all/readme.rs", "src/main.rs");
    for (here, there) in lines {
        error = error.replace(&format!("main.rs:{here})"), &format!("main.rs:{there})"));
    }
    let shown = shown(file);
    for line in error.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(
            shown.contains(line),
            "the file does not show: {line}\n{error}"
        );
    }
}

const PRINT: u32 = line!() + 2;
#[wasm_import(module = "ffi")]
fn print(x: i32) {
    println!("{x}");
}

const SHOW: u32 = line!() + 2;
#[wasm_import(module = "ffi")]
fn show(text: &str) {
    println!("{text}");
}

#[test]
fn the_readme_shows_the_error_for_wrong_imports() {
    let runtime = Runtime::builder().imports(imports![print]).build().unwrap();
    let error = runtime
        .load(
            r#"(module
                (import "env" "print" (func (param i32)))
                (import "ffi" "prnt" (func (param i64))))"#,
        )
        .unwrap_err();
    assert_shown(README, &error.to_string(), &[(PRINT, 4)]);
}

#[test]
fn the_chapter_on_memory_shows_the_error_for_a_bad_value() {
    let imports = imports![show];
    let guest = host_tests::guest(imports.get("ffi", "show").unwrap(), b"");
    let mut instance = support::guest(imports, guest);
    let error = instance
        .call::<(i32, i32), ()>("run", (0xfff8, 11))
        .unwrap_err();
    let place: &host_runtime::HostCallError = error.downcast_ref().unwrap();
    let reason: &host_runtime::ValueError = error.downcast_ref().unwrap();
    assert_shown(
        MEMORY,
        &format!(
            "{place}
{reason}"
        ),
        &[(SHOW, 9)],
    );
}

//! The errors that the README and the chapters show are those that are printed.

use host_runtime::{Runtime, imports, wasm_import};

use crate::support;

/// The README's link report, and the chapter with the error of a bad value.
const README: &str = include_str!("../../README.md");
const MEMORY: &str = include_str!("../../host-runtime/docs/memory-and-safety.md");

/// What the blocks of text in a file say.
fn shown(file: &str) -> String {
    let blocks = file.split("```");
    let texts = blocks.filter_map(|block| block.strip_prefix("text\n"));
    texts.collect()
}

/// Holds every line of an error against a file, where all are in `src/main.rs`.
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
fn the_readme_shows_what_is_said_of_a_wrong_import() {
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
fn the_chapter_shows_what_is_said_of_a_bad_value() {
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

//! Link-time collection across crates. Each test runs a separate program.
//!
//! Cargo builds the programs with the profile of the test. CI runs the test in debug and in release
//! builds. `scripts/link-modes` also tests link-time optimization and another linker.

use std::process::Command;

fn printed(program: &str) -> String {
    let output = Command::new(program)
        .output()
        .expect("Cargo has built the program");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

#[test]
fn host_functions_of_several_crates_are_collected_in_order() {
    let printed = printed(env!("CARGO_BIN_EXE_collected"));
    assert_eq!(printed, include_str!("../expected.txt"));
}

#[test]
fn a_linked_crate_without_host_functions_is_an_error() {
    assert_eq!(
        printed(env!("CARGO_BIN_EXE_silent")),
        "the crate `test_silent`, named by `link!(test_silent)` \
         (tests/crates/collected/src/silent.rs:3), contributes no host functions: annotate its \
         functions with `#[wasm_import]` or remove the `link!`; if Cargo.toml renames it, write \
         `link!(test_silent = \"its_own_name\")`\n"
    );
}

//! Link-time collection across crates, in a program of its own for each case.
//!
//! The programs have the profile of the test, and CI runs it in debug and in release.
//! `scripts/link-modes` adds link-time optimization and another linker.

use std::process::Command;

fn printed(program: &str) -> String {
    let output = Command::new(program)
        .output()
        .expect("Cargo has built the program");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn across_crates_in_order() {
    let printed = printed(env!("CARGO_BIN_EXE_collected"));
    assert_eq!(printed, include_str!("../expected.txt"));
}

#[test]
fn an_anchored_crate_without_host_functions_is_an_error() {
    assert_eq!(
        printed(env!("CARGO_BIN_EXE_silent")),
        "the crate `test_silent`, named by `link!(test_silent)` \
         (tests/crates/collected/src/silent.rs:3), contributes no host functions: annotate its \
         functions with `#[wasm_import]` or remove the `link!`; if Cargo.toml renames it, write \
         `link!(test_silent = \"its_own_name\")`\n"
    );
}

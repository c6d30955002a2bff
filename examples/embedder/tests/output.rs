//! Checks that the program prints the content of `expected.txt`.

use std::{env, process::Command};

#[test]
fn prints_what_is_expected() {
    let output = Command::new(env!("CARGO_BIN_EXE_host-example-embedder"))
        .output()
        .expect("Cargo builds the program before its tests");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "it failed: {errors}");
    let printed = String::from_utf8(output.stdout).expect("it prints UTF-8");
    assert_eq!(printed, include_str!("../expected.txt"));
}

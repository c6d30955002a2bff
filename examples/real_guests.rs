//! Modules that people ship to browsers print here what they print there.
//!
//! They come from npm and are not in this repository. Run this with
//! `cargo test -p host-examples --features real-guests`.

mod run_example;

use std::{process::Command, sync::LazyLock};

/// Fetches the modules, once for all tests; the error says why that failed.
static FETCHED: LazyLock<Result<(), String>> = LazyLock::new(|| {
    let script = run_example::folder().join("../scripts/fetch-guests");
    let output = Command::new("sh")
        .arg(&script)
        .output()
        .map_err(|error| format!("{} cannot be run by `sh`: {error}", script.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("the modules cannot be fetched: {errors}"))
});

fn check(example: &str) {
    if let Err(error) = &*FETCHED {
        panic!("{error}");
    }
    run_example::check(example);
}

#[test]
fn ghostty() {
    check("ghostty");
}

#[test]
fn source_map() {
    check("source-map");
}

#[test]
fn md4w() {
    check("md4w");
}

#[test]
fn one_ini() {
    check("one-ini");
}

#[test]
fn tree_sitter() {
    check("tree-sitter");
}

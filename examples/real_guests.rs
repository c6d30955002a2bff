//! Checks the output of the examples that run modules made for browsers.
//!
//! The modules come from npm and are not in this repository. Run these tests with
//! `cargo test -p host-examples --features real-guests`.

mod run_example;

use std::{process::Command, sync::LazyLock};

/// Fetches the modules, once for all tests. The error says why fetching failed.
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

#[test]
fn brotli() {
    check("brotli");
}

#[test]
fn markdown() {
    check("markdown");
}

#[test]
fn sql_js() {
    check("sql-js");
}

#[test]
fn html_rewriter() {
    check("html-rewriter");
}

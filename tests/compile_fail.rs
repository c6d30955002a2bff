//! The compile errors of the attribute say what is wrong and what to write instead. Each file in
//! `ui/fail` has one mistake, and is named after it.
//!
//! The expected output is that of the toolchain that CI uses. To update it, run
//! `TRYBUILD=overwrite cargo test -p host-tests --test compile_fail`, and review the diff.

#[test]
fn compile_errors_explain_mistakes() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

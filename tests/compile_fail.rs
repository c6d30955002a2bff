//! What cannot be a host function is a compile error that says what to write instead: one fault a
//! file in `ui/fail`, named for the fault.
//!
//! The expected output belongs to the toolchain that CI uses. To renew it, run
//! `TRYBUILD=overwrite cargo test -p host-tests --test compile_fail` and read what changed.

#[test]
fn faults_are_explained() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

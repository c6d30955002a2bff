//! Runs examples as a user does, and compares their output with `expected.txt`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the examples.
pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs an example, and checks that it succeeds and prints the content of `expected.txt`.
pub(crate) fn check(example: &str) {
    let expected = folder().join(example).join("expected.txt");
    let expected = fs::read_to_string(&expected)
        .unwrap_or_else(|error| panic!("{}: {error}", expected.display()));
    let output = Command::new(program(example))
        .output()
        .unwrap_or_else(|error| panic!("`{example}` does not run: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{example}` failed: {errors}");
    let printed = String::from_utf8(output.stdout).expect("it prints UTF-8");
    assert_eq!(printed, expected, "what `{example}` prints");
}

/// The executable of an example. Cargo builds it next to the tests.
fn program(example: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("a test is in `deps`");
    let program = profile
        .join("examples")
        .join(format!("{example}{}", env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is not built: run `cargo test -p host-examples` without `--test`, which builds the \
         examples too",
        program.display()
    );
    program
}

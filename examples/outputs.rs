//! Checks that every example prints the content of `expected.txt` in its folder.
//!
//! Each folder with a `main.rs` is an example. So this test finds all examples.

mod run_example;

use std::fs;

/// The examples that need a module from npm; `real_guests.rs` runs them.
const REAL_GUESTS: [&str; 9] = [
    "ghostty",
    "source-map",
    "md4w",
    "one-ini",
    "tree-sitter",
    "brotli",
    "markdown",
    "sql-js",
    "html-rewriter",
];

#[test]
fn examples_print_what_is_expected() {
    let mut examples: Vec<String> = fs::read_dir(run_example::folder())
        .expect("the examples can be listed")
        .map(|entry| entry.expect("the examples can be listed").path())
        .filter(|path| path.join("main.rs").is_file())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    examples.retain(|example| !REAL_GUESTS.contains(&example.as_str()));
    assert!(!examples.is_empty(), "there are examples");
    for example in examples {
        run_example::check(&example);
    }
}

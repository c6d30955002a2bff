//! Every example prints what the `expected.txt` in its folder says.
//!
//! An example is a folder with a `main.rs`, so that none can be forgotten here.

mod run_example;

use std::fs;

/// The examples that need a module from npm: see `real_guests.rs`.
const REAL_GUESTS: [&str; 5] = ["ghostty", "source-map", "md4w", "one-ini", "tree-sitter"];

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

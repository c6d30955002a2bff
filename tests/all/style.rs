//! Limits on the length of lines, of the README and of the files in `tests/all`.

use std::{fs, path::Path};

const COLUMNS: usize = 100;
const LINES: usize = 400;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Adds the Rust and Markdown files of a folder and its subfolders to `found`.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "md");
        if path.is_dir() {
            files(&path, found);
        } else if is_text {
            found.push(path);
        }
    }
}

/// Returns true for lines that cannot be wrapped: lines with a URL, and rows of tables.
fn may_be_long(line: &str) -> bool {
    line.contains("://") || line.trim_start_matches([' ', '/', '!']).starts_with('|')
}

#[test]
fn lines_have_at_most_100_columns() {
    let root = root();
    let mut found = Vec::new();
    for folder in ["host-macros/src", "host-runtime/src", "host-runtime/docs"] {
        files(&root.join(folder), &mut found);
    }
    for file in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ] {
        found.push(root.join(file));
    }
    let mut long = Vec::new();
    for file in found {
        let text = fs::read_to_string(&file).unwrap();
        for (index, line) in text.lines().enumerate() {
            if line.chars().count() > COLUMNS && !may_be_long(line) {
                long.push(format!("{}:{}", file.display(), index + 1));
            }
        }
    }
    assert!(
        long.is_empty(),
        "these lines have more than {COLUMNS} columns:\n{}",
        long.join("\n")
    );
}

#[test]
fn the_readme_has_fewer_than_200_lines() {
    let lines = fs::read_to_string(root().join("README.md"))
        .unwrap()
        .lines()
        .count();
    assert!(lines < 200, "it has {lines} lines");
}

#[test]
fn each_file_of_these_tests_has_at_most_400_lines() {
    let mut found = Vec::new();
    files(&root().join("tests/all"), &mut found);
    assert!(found.len() > 40, "{found:?}");
    found.retain(|file| fs::read_to_string(file).unwrap().lines().count() > LINES);
    assert!(found.is_empty(), "split these files by theme: {found:?}");
}

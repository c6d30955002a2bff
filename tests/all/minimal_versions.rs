//! `Cargo.lock` has the minimal versions of the direct dependencies of the libraries. So every
//! build checks that these versions are sufficient.

use std::{fs, path::Path};

/// The dependencies in a manifest, as pairs of name and version.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let mut section = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if matches!(section, "dependencies" | "workspace.dependencies")
            && let Some((name, rest)) = line.split_once(" = ")
        {
            let version = rest.split_once("version = ").map_or(rest, |(_, rest)| rest);
            if let Some(version) = version.strip_prefix('"') {
                let version = version.split('"').next().unwrap_or_default();
                found.push((name.to_owned(), version.trim_start_matches('=').to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_lock_file_has_the_minimal_versions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let lock = read("Cargo.lock");
    let mut checked = 0;
    for manifest in [
        "Cargo.toml",
        "host-macros/Cargo.toml",
        "host-runtime/Cargo.toml",
    ] {
        for (name, version) in dependencies(&read(manifest)) {
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(
                lock.contains(&entry),
                "{manifest} requires {name} {version}, which is not the version in Cargo.lock; \
                 raise the requirement or run `cargo update {name} --precise {version}`"
            );
            checked += 1;
        }
    }
    assert!(checked > 15, "only {checked} dependencies were found");
}

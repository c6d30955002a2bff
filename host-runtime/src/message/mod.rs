//! Prints lists, names and types in messages.

pub(crate) mod escape;
pub(crate) mod nearest;
mod types;

use std::fmt;

pub(crate) use self::{
    escape::{escaped, foreign_line, has_hidden},
    types::{extern_type, func_type, global_type, shortened, val_type},
};

/// How many names of a list are printed.
const NAMES_SHOWN: usize = 10;

/// Prints `items` with `separator` between them, or `none` if there are none.
pub(crate) fn list<T: fmt::Display>(
    f: &mut impl fmt::Write,
    items: impl IntoIterator<Item = T>,
    separator: &str,
    none: &str,
) -> fmt::Result {
    let mut items = items.into_iter();
    let Some(first) = items.next() else {
        return f.write_str(none);
    };
    write!(f, "{first}")?;
    items.try_for_each(|item| write!(f, "{separator}{item}"))
}

/// Prints `a`, `b`, `c`, each in backquotes, and how many more there are.
pub(crate) fn quoted<T: AsRef<str>>(
    f: &mut impl fmt::Write,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    let mut items = items.into_iter();
    let shown = items.by_ref().take(NAMES_SHOWN);
    let shown = shown.map(|item| format!("`{}`", escaped(item.as_ref())));
    list(f, shown, ", ", "nothing")?;
    match items.count() {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

/// Prints an import: `` `module.name` ``.
pub(crate) fn import(module: &str, name: &str) -> String {
    format!("`{}.{}`", escaped(module), escaped(name))
}

/// Shortens the name of a Rust type: leaves out the paths of types of the standard library and of
/// this crate.
pub(crate) fn rust_type(name: &str) -> String {
    let mut short = String::new();
    let words = name.split_inclusive(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':')));
    for word in words {
        let end = word.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
        let known = ["alloc::", "core::", "std::", "host_runtime::"];
        let is_known = known.iter().any(|path| end.starts_with(path));
        match end.rsplit_once("::") {
            Some((path, _)) if is_known => short.push_str(&word[path.len() + 2..]),
            _ => short.push_str(word),
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_types_of_libraries_without_paths() {
        for (name, short) in [
            ("app::kv::Kv", "app::kv::Kv"),
            ("host_runtime::state::handles::Handles", "Handles"),
            (
                "alloc::sync::Arc<std::sync::mutex::Mutex<app::App>>",
                "Arc<Mutex<app::App>>",
            ),
            (
                "(u8, alloc::vec::Vec<alloc::string::String>)",
                "(u8, Vec<String>)",
            ),
            (
                "alloc::boxed::Box<dyn app::Clock + core::marker::Send>",
                "Box<dyn app::Clock + Send>",
            ),
            ("[&str; 3]", "[&str; 3]"),
        ] {
            assert_eq!(rust_type(name), short);
        }
    }
}

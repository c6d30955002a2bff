//! The declaration of an annotated item: its import, and its place in the source.

use std::fmt;

/// The declaration that the attribute writes for any item. Not public interface.
#[doc(hidden)]
pub struct Declaration {
    pub module: &'static str,
    pub name: &'static str,
    /// The item as the source has it, without its body or value.
    pub code: &'static str,
    pub docs: &'static str,
    pub source: &'static Source,
    pub line: u32,
}

/// The source file of an item. The items of a file share it, so that programs are smaller.
#[doc(hidden)]
pub struct Source {
    pub module_path: &'static str,
    pub file: &'static str,
}

impl Declaration {
    /// The name of the item's crate in Rust code.
    pub(super) fn crate_name(&self) -> &'static str {
        let path = self.source.module_path;
        path.split_once("::").map_or(path, |(first, _)| first)
    }

    pub(super) fn location(&self) -> Location {
        Location {
            file: self.source.file,
            line: self.line,
        }
    }

    /// Prints the item, and an import that it is offered for.
    pub(super) fn imported_as(&self, module: &str, name: &str) -> String {
        let import = crate::message::import(module, name);
        format!("{import}, {} ({})", self.code, self.location())
    }
}

/// Prints the import and the item: `` `ffi.print`, fn print(x: i32) (src/main.rs:7) ``.
impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.imported_as(self.module, self.name))
    }
}

/// The place of an annotated item in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Location {
    /// The path of the file as rustc has it.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
}

/// Prints as `src/main.rs:7`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

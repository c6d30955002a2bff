//! Lists as messages print them.

use std::fmt;

/// `items` with `separator` between them, or `none`.
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

/// `a`, `b`, `c`, each in backquotes.
pub(crate) fn quoted<T: fmt::Display>(
    f: &mut impl fmt::Write,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    list(
        f,
        items.into_iter().map(|item| format!("`{item}`")),
        ", ",
        "nothing",
    )
}

/// An import as messages name it: `` `module.name` ``.
pub(crate) fn import(module: &str, name: &str) -> String {
    format!("`{module}.{name}`")
}

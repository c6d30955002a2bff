//! Lists as messages print them.

use std::fmt;

use wasmtime::{HeapType, ValType};

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

/// A value type in the text format, by its short name if it has one.
pub(crate) fn val_type(ty: &ValType) -> String {
    let short = match ty {
        ValType::Ref(ty) if ty.is_nullable() => match ty.heap_type() {
            HeapType::Func => Some("funcref"),
            HeapType::Extern => Some("externref"),
            HeapType::Any => Some("anyref"),
            HeapType::Exn => Some("exnref"),
            _ => None,
        },
        _ => None,
    };
    short.map_or_else(|| ty.to_string(), str::to_owned)
}

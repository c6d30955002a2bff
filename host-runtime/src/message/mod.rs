//! Prints lists, names and types in messages.

pub(crate) mod nearest;

use std::fmt;

use wasmtime::{ExternType, GlobalType, HeapType, ValType};

/// How many characters of a guest's name are printed.
const NAME_SHOWN: usize = 80;

/// How many characters of a type are printed.
const TYPE_SHOWN: usize = 400;

/// How many names of a list are printed.
const NAMES_SHOWN: usize = 10;

/// Escapes the characters of a name that a terminal or a reader could misunderstand, and cuts the
/// name to the length of a line.
pub(crate) fn escaped(name: &str) -> String {
    let mut shown = String::new();
    let mut characters = name.chars();
    for character in characters.by_ref().take(NAME_SHOWN) {
        if is_invisible(character) {
            shown.extend(character.escape_unicode());
        } else if matches!(character, '\\' | '`' | '\n' | '\r' | '\t') {
            match character {
                // Messages end names with it.
                '`' => shown.extend(character.escape_unicode()),
                _ => shown.extend(character.escape_default()),
            }
        } else {
            shown.push(character);
        }
    }
    match characters.next() {
        None => shown,
        Some(_) => format!("{shown}… ({} bytes)", name.len()),
    }
}

/// Checks whether text contains invisible characters, control characters or line ends.
pub(crate) fn has_hidden(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_control() || is_invisible(character))
}

/// Checks whether a character is invisible, or changes how other characters are displayed.
fn is_invisible(character: char) -> bool {
    let is_format = matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    is_format || (character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

/// How many characters of a line, and how many lines, are printed of an error of Wasmtime's.
const LINE_SHOWN: usize = 400;
const LINES_SHOWN: usize = 20;

/// Escapes and cuts the text of another library's error, which may contain text of a guest. Returns
/// `None` if the text can be printed as it is.
pub(crate) fn foreign(text: &str) -> Option<String> {
    let is_plain =
        |line: &str| !line.chars().any(is_invisible) && line.chars().nth(LINE_SHOWN).is_none();
    if text.lines().all(is_plain) && text.lines().nth(LINES_SHOWN).is_none() {
        return None;
    }
    let lines = text.lines().take(LINES_SHOWN).map(|line| {
        let mut shown = String::new();
        let mut characters = line.chars();
        for character in characters.by_ref().take(LINE_SHOWN) {
            if is_invisible(character) {
                shown.extend(character.escape_unicode());
            } else {
                shown.push(character);
            }
        }
        if characters.next().is_some() {
            shown.push('…');
        }
        shown
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// As [`foreign`], for text that must stay on one line.
pub(crate) fn foreign_line(text: &str) -> Option<String> {
    if text.contains(['\n', '\r']) {
        let line = text.replace('\n', "\\n").replace('\r', "\\r");
        return Some(foreign(&line).unwrap_or(line));
    }
    foreign(text)
}

/// Cuts the text of a type that is too long to read.
pub(crate) fn shortened(ty: String) -> String {
    match ty.char_indices().nth(TYPE_SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &ty[..end], ty.len()),
        None => ty,
    }
}

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

/// Prints a value type in the text format, by its short name if it has one.
pub(crate) fn val_type(ty: &ValType) -> String {
    let short = match ty {
        ValType::Ref(ty) if ty.is_nullable() => match ty.heap_type() {
            HeapType::Func => Some("funcref"),
            HeapType::Extern => Some("externref"),
            HeapType::Any => Some("anyref"),
            HeapType::Exn => Some("exnref"),
            HeapType::Eq => Some("eqref"),
            HeapType::I31 => Some("i31ref"),
            HeapType::Struct => Some("structref"),
            HeapType::Array => Some("arrayref"),
            _ => None,
        },
        _ => None,
    };
    short.map_or_else(|| ty.to_string(), str::to_owned)
}

/// Prints a function type in the text format.
pub(crate) fn func_type(
    params: impl Iterator<Item = ValType>,
    results: impl Iterator<Item = ValType>,
) -> String {
    let clause = |keyword: &str, types: Vec<ValType>| {
        let types: Vec<_> = types.iter().map(val_type).collect();
        if types.is_empty() {
            String::new()
        } else {
            format!(" ({keyword} {})", types.join(" "))
        }
    };
    let (params, results) = (params.collect(), results.collect());
    format!(
        "(func{}{})",
        clause("param", params),
        clause("result", results)
    )
}

/// Prints the type of a global in the text format.
pub(crate) fn global_type(ty: &GlobalType) -> String {
    let content = val_type(ty.content());
    if ty.mutability().is_var() {
        format!("(global (mut {content}))")
    } else {
        format!("(global {content})")
    }
}

/// Prints the type of an import in the text format.
pub(crate) fn extern_type(ty: &ExternType) -> String {
    match ty {
        ExternType::Func(ty) => func_type(ty.params(), ty.results()),
        ExternType::Global(ty) => global_type(ty),
        ExternType::Table(ty) => {
            let limits = limits(ty.is_64(), ty.minimum(), ty.maximum());
            format!(
                "(table {limits} {})",
                val_type(&ty.element().clone().into())
            )
        }
        ExternType::Memory(ty) => {
            let limits = limits(ty.is_64(), ty.minimum(), ty.maximum());
            let shared = if ty.is_shared() { " shared" } else { "" };
            let page = match ty.page_size() {
                PAGE => String::new(),
                size => format!(" (pagesize {size:#x})"),
            };
            format!("(memory {limits}{shared}{page})")
        }
        ExternType::Tag(ty) => format!("(tag {})", func_type(ty.ty().params(), ty.ty().results())),
    }
}

/// The default size of a page in bytes.
const PAGE: u64 = 0x1_0000;

fn limits(is_64: bool, minimum: u64, maximum: Option<u64>) -> String {
    let width = if is_64 { "i64 " } else { "" };
    let maximum = maximum.map_or(String::new(), |max| format!(" {max}"));
    format!("{width}{minimum}{maximum}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_they_are_or_escaped() {
        for plain in ["memory", "console.log", "π", "émoire", "名前", "a b", "$f"] {
            assert_eq!(escaped(plain), plain);
        }
        for (name, shown) in [
            ("a\nb", r"a\nb"),
            ("\x1B[31m", r"\u{1b}[31m"),
            ("a`b", r"a\u{60}b"),
            ("a\u{200B}b", r"a\u{200b}b"),
            ("\u{202E}b", r"\u{202e}b"),
            ("\\", r"\\"),
            ("\0", r"\u{0}"),
            ("\u{9B}", r"\u{9b}"),
        ] {
            assert_eq!(escaped(name), shown);
        }
        let long = escaped(&"x".repeat(100_000));
        assert_eq!(long, format!("{}… (100000 bytes)", "x".repeat(80)));
    }

    #[test]
    fn the_types_of_libraries_have_no_paths() {
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

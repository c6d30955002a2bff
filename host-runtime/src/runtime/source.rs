//! Recognizes what is given to be loaded, by its first bytes.

use std::borrow::Cow;

use crate::message;

/// A module is not valid, and the text of Wasmtime's error cannot be printed as it is: it is too
/// long, or has control characters. This error has that text, cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown}")]
pub struct InvalidModuleError {
    shown: String,
}

impl InvalidModuleError {
    /// Returns Wasmtime's error, or this one if the text of that cannot be printed.
    #[cold]
    pub(super) fn or(error: wasmtime::Error) -> anyhow::Error {
        let text = format!("{error:#}");
        match message::foreign_line(&text) {
            Some(shown) => Self { shown }.into(),
            None => error.into(),
        }
    }
}

/// The given bytes are not a module.
///
/// The error says what they look like and what to do. If they look like a module and are not a
/// valid one, the error is Wasmtime's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoModuleError {
    /// There are no bytes.
    #[error("it is empty: pass the bytes of a module, which begin with `\\0asm`, or its text")]
    Empty,
    /// A component.
    #[error(
        "it is a WebAssembly component, but host functions are imports of core modules; build a \
         core module (`wasm32-unknown-unknown` or `wasm32-wasip1`), or extract one from the \
         component with `wasm-tools component unbundle`"
    )]
    Component,
    /// A binary module of another version.
    #[error("it is a WebAssembly module of version {0}, but only version 1 is supported")]
    Version(u16),
    /// A module that Wasmtime has compiled already.
    #[error(
        "it is a module compiled by Wasmtime; load it with `Module::deserialize`, which is \
         unsafe, and pass it to `Runtime::instantiate_pre`"
    )]
    Precompiled,
    /// A program or library for something else.
    #[error(
        "it is a {0} file, not WebAssembly; build the program for a WebAssembly target such as \
         `wasm32-unknown-unknown`"
    )]
    Native(&'static str),
    /// Compressed bytes.
    #[error("it is compressed with {0}; decompress it first")]
    Compressed(&'static str),
    /// An archive.
    #[error("it is {0}; extract the module from it first")]
    Archive(&'static str),
    /// HTML, which servers send in place of a missing file.
    #[error("it is HTML, which a server may have sent instead of the module; check the download")]
    Html,
    /// Other XML, which storage services send in place of a missing file.
    #[error("it is XML, which a server may have sent instead of the module; check the download")]
    Xml,
    /// A pointer that Git LFS leaves in place of a file that was not fetched.
    #[error("it is a Git LFS pointer, not the file itself; fetch the file with `git lfs pull`")]
    GitLfsPointer,
    /// JavaScript.
    #[error("it is JavaScript; use the `.wasm` file that it loads")]
    JavaScript,
    /// JSON.
    #[error("it is JSON; use the `.wasm` file itself")]
    Json,
    /// A module in base64.
    #[error("it is a module encoded as base64; decode it first")]
    Base64,
    /// Text in UTF-16.
    #[error("it is text in UTF-16; save it as UTF-8")]
    Utf16Text,
    /// A URL.
    #[error("it is a URL, {0:?}, not a module; download the module and pass its bytes")]
    Url(String),
    /// A path.
    #[error(
        "it is a path, {0:?}, not a module; use `run_file` or `load_file`, or pass the bytes of \
         the file"
    )]
    Path(String),
    /// A module in the text format, without the crate's feature `wat`.
    #[error(
        "it is a module in the text format, which needs the feature `wat` of `host-runtime`; \
         enable the feature, or use the binary format"
    )]
    Text,
    /// Anything else.
    #[error(
        "it is not WebAssembly: a module begins with `\\0asm`, or with `(module` in the text format"
    )]
    Other,
}

/// The beginning of a module in the binary format.
const MAGIC: &[u8] = b"\0asm";

/// Returns the module in the binary format.
///
/// # Errors
///
/// [`NoModuleError`] if it is not a module; an error if the text format has a mistake.
pub(super) fn binary(source: &[u8]) -> anyhow::Result<Cow<'_, [u8]>> {
    if let Some(rest) = source.strip_prefix(MAGIC) {
        return match rest {
            [1, 0, 0, 0, ..] => Ok(source.into()),
            [_, _, 1, 0, ..] => Err(NoModuleError::Component.into()),
            [low, high, 0, 0, ..] => {
                Err(NoModuleError::Version(u16::from_le_bytes([*low, *high])).into())
            }
            // It is cut short. Wasmtime reports that.
            _ => Ok(source.into()),
        };
    }
    if let Some(found) = by_magic(source) {
        return Err(found.into());
    }
    // A byte order mark is not part of the text.
    let text = source.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(source);
    let Ok(text) = str::from_utf8(text) else {
        return Err(NoModuleError::Other.into());
    };
    if let Some(found) = by_text(text) {
        return Err(found.into());
    }
    of_text(text)
}

#[cfg(feature = "wat")]
fn of_text(text: &str) -> anyhow::Result<Cow<'_, [u8]>> {
    let module = wat::parse_str(text).map_err(|error| {
        match message::escape::foreign(&format!("{error:#}")) {
            Some(shown) => InvalidModuleError { shown }.into(),
            None => anyhow::Error::new(error),
        }
    })?;
    if module.get(4..8) != Some(&[1, 0, 0, 0]) {
        return Err(NoModuleError::Component.into());
    }
    Ok(module.into())
}

#[cfg(not(feature = "wat"))]
fn of_text(_: &str) -> anyhow::Result<Cow<'_, [u8]>> {
    Err(NoModuleError::Text.into())
}

/// Recognizes formats by their first bytes.
fn by_magic(source: &[u8]) -> Option<NoModuleError> {
    use NoModuleError::{Archive, Compressed, Empty, Native, Precompiled, Utf16Text};
    Some(match source {
        [] => Empty,
        [0x1F, 0x8B, ..] => Compressed("gzip"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Compressed("zstd"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compressed("bzip2"),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Compressed("xz"),
        [b'P', b'K', 3, 4, ..] => Archive("a zip archive"),
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => Archive("a static library"),
        [0x7F, b'E', b'L', b'F', ..] if is_precompiled(source) => Precompiled,
        [0x7F, b'E', b'L', b'F', ..] => Native("native ELF"),
        [b'M', b'Z', third, ..] if !third.is_ascii_graphic() && *third != b' ' => {
            Native("native Windows")
        }
        // The versions of Java begin at 45, and no Mach-O file has that many parts.
        [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 45..=u8::MAX, ..] => Native("Java class"),
        [0xCF | 0xCE, 0xFA, 0xED, 0xFE, ..] | [0xCA, 0xFE, 0xBA, 0xBE, ..] => {
            Native("native Mach-O")
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'(', 0, ..] | [0, b'(', ..] => Utf16Text,
        [b'B', b'C', 0xC0, 0xDE, ..] => Native("native LLVM bitcode"),
        _ => return None,
    })
}

/// Checks whether an ELF file was made by Wasmtime: it has sections with that name.
fn is_precompiled(source: &[u8]) -> bool {
    memchr::memmem::find(source, b".wasmtime.").is_some()
}

/// Recognizes text that is not a module.
fn by_text(text: &str) -> Option<NoModuleError> {
    use NoModuleError::{
        Base64, Component, Empty, GitLfsPointer, Html, JavaScript, Json, Other, Path, Url, Xml,
    };
    let text = text.trim();
    let begins = |prefix: &str| {
        let head = text.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let shown = || text.chars().take(200).collect();
    let is_word = !text.contains(char::is_whitespace);
    Some(match text.chars().next() {
        None => Empty,
        Some('(') if text.starts_with("(component") => Component,
        _ if is_script(text) => JavaScript,
        // The text format allows only white space and comments before the first parenthesis.
        Some('(') => return None,
        Some(';') if text.starts_with(";;") => return None,
        Some('<') if HTML.iter().any(|tag| begins(tag)) => Html,
        Some('<') => Xml,
        Some('{' | '[') if is_json(text) => Json,
        _ if text.starts_with("version https://git-lfs") => GitLfsPointer,
        // This is `\0asm` in base64.
        _ if is_word && text.starts_with("AGFzb") => Base64,
        _ if begins("data:application/wasm;base64,") => Base64,
        _ if is_word && text.contains("://") => Url(shown()),
        _ if !text.contains('\n') && is_path(text) => Path(shown()),
        Some(first) if first.is_alphabetic() => Other,
        _ => return None,
    })
}

/// The first tags of HTML documents.
const HTML: [&str; 5] = ["<!doctype", "<html", "<head", "<body", "<script"];

/// Checks whether text is JSON.
fn is_json(text: &str) -> bool {
    let inner = text[1..].trim_start();
    if text.starts_with('{') {
        inner.starts_with(['"', '}']) && text.ends_with('}')
    } else {
        text.ends_with(']')
    }
}

/// Checks whether text is JavaScript.
fn is_script(text: &str) -> bool {
    // The beginnings of statements, each with characters of which the text has one.
    const STATEMENTS: [(&str, &[char]); 15] = [
        ("import ", &['\'', '"']),
        ("import(", &[]),
        ("export ", &['{', '=', '(', '*']),
        ("const ", &['=']),
        ("let ", &['=']),
        ("var ", &['=']),
        ("function", &['(']),
        ("\"use strict\"", &[]),
        ("'use strict'", &[]),
        ("async ", &['(']),
        ("//", &[]),
        ("/*", &[]),
        ("!function", &[]),
        ("module.exports", &[]),
        ("fetch(", &[]),
    ];
    if let Some(first_line) = text.strip_prefix("#!") {
        let first_line = first_line.lines().next().unwrap_or_default();
        return ["node", "deno", "bun"]
            .iter()
            .any(|name| first_line.contains(name));
    }
    // Minifiers begin with these.
    if text.starts_with(';') && !text.starts_with(";;") {
        return is_script(text[1..].trim_start());
    }
    if let Some(inner) = text.strip_prefix('(') {
        let inner = inner.trim_start();
        return inner.starts_with("function")
            || inner.starts_with("async ")
            || inner.starts_with('(')
            || inner.starts_with(')');
    }
    STATEMENTS
        .iter()
        .any(|(begin, has)| text.starts_with(begin) && (has.is_empty() || text.contains(*has)))
}

/// Checks whether a line of text is a path.
fn is_path(text: &str) -> bool {
    let extension = std::path::Path::new(text).extension();
    let is_module = extension.is_some_and(|extension| {
        ["wasm", "wat", "cwasm"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    is_module || (text.len() < 4096 && std::path::Path::new(text).is_file())
}

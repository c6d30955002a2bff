//! The names in a module that backtraces print.

use std::{borrow::Cow, ops::Range};

use wasmparser::{Chunk, KnownCustom, Name, NameSectionReader, Parser, Payload};

use crate::message;

/// The longest name that is left in a module, in bytes. Those of generic C++ functions have some
/// thousands.
const LONGEST: usize = 10_000;

/// A module without its [name section], if that has names which must not reach a terminal: with
/// control characters, for example. Backtraces number the functions then.
///
/// [name section]: https://webassembly.github.io/spec/core/appendix/custom.html#name-section
pub(super) fn without_bad_names(module: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match bad_section(&module) {
        Some(section) => {
            let mut module = module.into_owned();
            module.drain(section);
            module.into()
        }
        None => module,
    }
}

/// The range of the name section, if it has such names.
fn bad_section(module: &[u8]) -> Option<Range<usize>> {
    let mut parser = Parser::new(0);
    let mut start = 0;
    loop {
        // The header of a section may give a length past the end of the module.
        let rest = module.get(start..)?;
        let Ok(Chunk::Parsed { consumed, payload }) = parser.parse(rest, true) else {
            return None;
        };
        let end = start + consumed;
        match payload {
            Payload::CodeSectionStart { size, .. } => {
                parser.skip_section();
                start = end + usize::try_from(size).ok()?;
                continue;
            }
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(names) = custom.as_known()
                    && has_bad_names(names)
                {
                    return Some(start..end);
                }
            }
            Payload::End(_) => return None,
            _ => {}
        }
        start = end;
    }
}

/// Checks the names that backtraces print. Wasmtime ignores a section that is not valid.
fn has_bad_names(names: NameSectionReader<'_>) -> bool {
    let is_bad = |name: &str| name.len() > LONGEST || message::has_hidden(name);
    names.into_iter().flatten().any(|part| match part {
        Name::Module { name, .. } => is_bad(name),
        Name::Function(names) => names
            .into_iter()
            .flatten()
            .any(|naming| is_bad(naming.name)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(module: &str) -> bool {
        let module = wat::parse_str(module).unwrap();
        let changed = without_bad_names(module.as_slice().into());
        wasmparser::validate(&changed).unwrap();
        assert!(changed.len() <= module.len());
        *changed != *module
    }

    #[test]
    fn removes_names_with_control_characters_or_of_great_length() {
        assert!(!changes("(module)"));
        assert!(!changes("(module $m (func $f (local $x i32)) (func $g))"));
        assert!(!changes(
            r#"(module (func (@name "core::fmt::<impl Display>")))"#
        ));
        assert!(changes(r#"(module (func) (func (@name "\1b[31m")))"#));
        assert!(changes(r#"(module (@name "a\0ab") (func))"#));
        assert!(changes(&format!(
            "(module (func ${}))",
            "x".repeat(LONGEST + 1)
        )));
        assert!(!changes(&format!(
            "(module (func ${}))",
            "x".repeat(LONGEST)
        )));
    }

    #[test]
    fn a_truncated_module_is_unchanged() {
        let module = wat::parse_str(r#"(module (func (nop)) (func (@name "\1b") (nop)))"#).unwrap();
        assert_ne!(*without_bad_names(module.as_slice().into()), *module);
        for end in 0..module.len() - 1 {
            assert_eq!(*without_bad_names(module[..end].into()), module[..end]);
        }
    }
}

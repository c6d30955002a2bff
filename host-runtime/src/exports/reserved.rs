//! Adds exports to a module when it is loaded, so that host functions find its memory.
//!
//! A host function can look up only the exports of the calling instance. A memory that a module
//! imports or does not export is not among them. So the export section of the module is rewritten:
//! it exports the memory that host functions use, and the table of functions if a host function
//! calls back, under reserved names.

use std::{borrow::Cow, ops::Range};

use wasm_encoder::{Encode, ExportKind, RawSection, Section, SectionId};
use wasmparser::{
    AbstractHeapType, CompositeInnerType, Encoding, ExternalKind, HeapType, Parser, Payload,
    RecGroup, RefType, TypeRef,
};

use crate::exports::{
    choose::{Candidates, Chosen},
    names::{MEMORY, MEMORY_EXPORT, RESERVED_PREFIX, TABLE_EXPORT, TABLES, is_reserved},
};

/// A module exports a name that is reserved for the runtime.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the module exports `{name}`, and names that begin with `{RESERVED_PREFIX}` are reserved for \
     the exports that the runtime adds; rename the export"
)]
pub struct ReservedExportError {
    name: String,
}

/// The exports of a module that host functions need.
pub(crate) struct ExportNeeds<'n, F> {
    /// The embedder's name for the memory.
    pub(crate) memory: Option<&'n str>,
    /// The embedder's name for the table of functions.
    pub(crate) table: Option<&'n str>,
    /// Whether the host function of this module and name may call back.
    pub(crate) calls_back: F,
}

/// Adds the exports that host functions need to a module in the binary format.
///
/// An invalid module is returned as it is. Wasmtime reports the error.
///
/// # Errors
///
/// If the module exports a reserved name itself.
pub(crate) fn add_exports<'m, F: Fn(&str, &str) -> bool>(
    module: &'m [u8],
    needs: &ExportNeeds<'_, F>,
) -> Result<Cow<'m, [u8]>, ReservedExportError> {
    let Ok(Some(found)) = Found::parse(module, &needs.calls_back) else {
        return Ok(module.into());
    };
    if let Some(name) = found.reserved {
        return Err(ReservedExportError {
            name: crate::message::escaped(name),
        });
    }
    let memory = found.memories.choose_memory(needs.memory).ok();
    // If the export is called `memory`, host functions find it by that name.
    let memory = memory.filter(|chosen| chosen.export != Some(MEMORY));
    let table = found.tables.choose_table(needs.table).ok();
    let is_usual = |chosen: &Chosen<'_>| {
        needs.table.is_none() && chosen.export.is_some_and(|name| TABLES.contains(&name))
    };
    let table = table.filter(|chosen| found.calls_back && !is_usual(chosen));
    let added = [
        memory.map(|memory| (MEMORY_EXPORT, ExportKind::Memory, memory.index)),
        table.map(|table| (TABLE_EXPORT, ExportKind::Table, table.index)),
    ];
    let added: Vec<_> = added.into_iter().flatten().collect();
    Ok(found.section.with(module, &added))
}

/// Checks whether a module in the binary format has a start function.
pub(crate) fn has_start(module: &[u8]) -> bool {
    for payload in Parser::new(0).parse_all(module) {
        match payload {
            Ok(Payload::StartSection { .. }) => return true,
            Ok(Payload::CodeSectionStart { .. }) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    false
}

/// The parts of a module that decide which exports to add.
#[derive(Default)]
struct Found<'m> {
    memories: Candidates<'m>,
    tables: Candidates<'m>,
    /// Whether an imported host function may call back.
    calls_back: bool,
    /// An export with a reserved name.
    reserved: Option<&'m str>,
    section: ExportSection,
}

impl<'m> Found<'m> {
    /// Reads the sections up to the exports; `None` for a component.
    fn parse(
        module: &'m [u8],
        calls_back: impl Fn(&str, &str) -> bool,
    ) -> wasmparser::Result<Option<Self>> {
        let mut found = Self::default();
        let (mut memories, mut tables) = (0, 0);
        let mut types = Types::default();
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            let section = payload.as_section();
            match payload {
                Payload::Version {
                    encoding: Encoding::Component,
                    ..
                } => return Ok(None),
                Payload::Version { range, .. } => found.section.place = range.end..range.end,
                Payload::TypeSection(groups) => {
                    for group in groups {
                        types.add(&group?);
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        let name = (import.module, import.name);
                        match import.ty {
                            TypeRef::Memory(_) => {
                                found.memories.imported.push((name, memories));
                                memories += 1;
                            }
                            TypeRef::Table(ty) => {
                                if types.is_function(ty.element_type) {
                                    found.tables.imported.push((name, tables));
                                }
                                tables += 1;
                            }
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                                found.calls_back |= calls_back(name.0, name.1);
                            }
                            _ => {}
                        }
                    }
                }
                Payload::TableSection(defined) => {
                    for table in defined {
                        if types.is_function(table?.ty.element_type) {
                            found.tables.defined.push(tables);
                        }
                        tables += 1;
                    }
                }
                Payload::MemorySection(defined) => {
                    // Read one by one, because the count is not checked yet.
                    for memory in defined {
                        memory?;
                        found.memories.defined.push(memories);
                        memories += 1;
                    }
                }
                Payload::ExportSection(exports) => {
                    found.section.count = exports.count();
                    found.section.entries = exports.original_position()..exports.range().end;
                    for export in exports {
                        let export = export?;
                        match export.kind {
                            ExternalKind::Memory => {
                                found.memories.exported.push((export.name, export.index));
                            }
                            ExternalKind::Table => {
                                found.tables.exported.push((export.name, export.index));
                            }
                            _ => {}
                        }
                        if is_reserved(export.name) {
                            found.reserved = Some(export.name);
                        }
                    }
                    found.section.place.end = found.section.entries.end;
                    break;
                }
                _ => {}
            }
            match section {
                // These sections come after the exports.
                Some((8..=12, _)) => break,
                Some((_, range)) => found.section.place = range.end..range.end,
                None => {}
            }
        }
        found.keep_function_tables();
        Ok(Some(found))
    }

    /// Removes exported tables that are not tables of functions.
    fn keep_function_tables(&mut self) {
        let tables = &mut self.tables;
        let imported = tables.imported.iter().map(|(_, index)| *index);
        // Imports have the first indices, so these are sorted.
        let functions: Vec<u32> = imported.chain(tables.defined.iter().copied()).collect();
        let exported = &mut tables.exported;
        exported.retain(|(_, index)| functions.binary_search(index).is_ok());
    }
}

/// Records which types of a module are function types.
#[derive(Default)]
struct Types(Vec<bool>);

impl Types {
    fn add(&mut self, group: &RecGroup) {
        let types = group.types();
        self.0
            .extend(types.map(|ty| matches!(ty.composite_type.inner, CompositeInnerType::Func(_))));
    }

    /// Checks whether the elements of a table are functions.
    fn is_function(&self, element: RefType) -> bool {
        match element.heap_type() {
            HeapType::Abstract { ty, .. } => {
                matches!(ty, AbstractHeapType::Func | AbstractHeapType::NoFunc)
            }
            HeapType::Concrete(index) | HeapType::Exact(index) => {
                let index = index
                    .as_module_index()
                    .and_then(|index| usize::try_from(index).ok());
                index.is_some_and(|index| self.0.get(index) == Some(&true))
            }
        }
    }
}

/// The export section of a module, or the place for one.
#[derive(Default)]
struct ExportSection {
    /// The range with its header; empty if there is none.
    place: Range<usize>,
    /// The number of exports.
    count: u32,
    /// The range of the exports.
    entries: Range<usize>,
}

impl ExportSection {
    /// Returns the module with exports added.
    fn with<'m>(&self, module: &'m [u8], added: &[(&str, ExportKind, u32)]) -> Cow<'m, [u8]> {
        let Ok(more) = u32::try_from(added.len()) else {
            return module.into();
        };
        if more == 0 {
            return module.into();
        }
        let mut section = Vec::with_capacity(self.entries.len() + 64);
        self.count.saturating_add(more).encode(&mut section);
        section.extend_from_slice(&module[self.entries.clone()]);
        for (name, kind, index) in added {
            name.encode(&mut section);
            kind.encode(&mut section);
            index.encode(&mut section);
        }
        let section = RawSection {
            id: SectionId::Export.into(),
            data: &section,
        };
        let mut rewritten = Vec::with_capacity(module.len() + section.data.len() + 16);
        rewritten.extend_from_slice(&module[..self.place.start]);
        section.append_to(&mut rewritten);
        rewritten.extend_from_slice(&module[self.place.end..]);
        rewritten.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exports that are added: their names, and which memory or table they are.
    fn added(module: &str, memory: Option<&str>, table: Option<&str>) -> Vec<(String, u32)> {
        let module = wat::parse_str(module).unwrap();
        let needs = ExportNeeds {
            memory,
            table,
            calls_back: |module: &str, name: &str| (module, name) == ("host", "call"),
        };
        let rewritten = add_exports(&module, &needs).unwrap();
        wasmparser::validate(&rewritten).unwrap();
        let (before, after) = (exports(&module), exports(&rewritten));
        assert_eq!(before, after[..before.len()]);
        if before == after {
            assert_eq!(module, *rewritten);
        }
        after[before.len()..].to_vec()
    }

    fn exports(module: &[u8]) -> Vec<(String, u32)> {
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ExportSection(section) = payload.unwrap() {
                let all = section.into_iter().map(Result::unwrap);
                exports.extend(all.map(|export| (export.name.to_owned(), export.index)));
            }
        }
        exports
    }

    #[track_caller]
    fn check(module: &str, expected: &[(&str, u32)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|&(name, at)| (name.to_owned(), at))
            .collect();
        assert_eq!(added(module, None, None), expected, "{module}");
    }

    #[test]
    fn exports_the_memory_unless_it_is_called_memory() {
        check("(module)", &[]);
        check(r#"(module (memory (export "memory") 1))"#, &[]);
        check("(module (memory 1))", &[(MEMORY_EXPORT, 0)]);
        check(r#"(module (memory (export "c") 1))"#, &[(MEMORY_EXPORT, 0)]);
        check(
            r#"(module (import "env" "memory" (memory 1)))"#,
            &[(MEMORY_EXPORT, 0)],
        );
        check(
            r#"(module (memory 1) (memory (export "a") (export "b") 1))"#,
            &[(MEMORY_EXPORT, 1)],
        );
        check("(module (memory 1) (memory 1))", &[]);
        check(
            r#"(module (memory (export "a") 1) (memory (export "b") 1))"#,
            &[],
        );
        check(
            r#"(module (import "a" "b" (memory 1)) (import "a" "memory" (memory 1)))"#,
            &[(MEMORY_EXPORT, 1)],
        );
        check(
            r#"(module (import "a" "b" (memory 1)) (import "a" "b" (memory 1)) (memory 1))"#,
            &[(MEMORY_EXPORT, 0)],
        );
    }

    #[test]
    fn exports_the_memory_that_the_embedder_names() {
        let module = r#"(module (memory (export "memory") 1) (memory (export "heap") 1))"#;
        assert_eq!(
            added(module, Some("heap"), None),
            [(MEMORY_EXPORT.to_owned(), 1)]
        );
        assert_eq!(added(module, Some("other"), None), []);
    }

    #[test]
    fn exports_the_table_if_a_host_function_calls_back() {
        let call = r#"(import "host" "call" (func))"#;
        check("(module (table 1 funcref))", &[]);
        check(
            &format!("(module {call} (table 1 funcref))"),
            &[(TABLE_EXPORT, 0)],
        );
        check(
            &format!(r#"(module {call} (table (export "table") 1 funcref))"#),
            &[],
        );
        check(
            &format!(r#"(module {call} (table 1 externref) (table (export "Ma") 1 funcref))"#),
            &[(TABLE_EXPORT, 1)],
        );
        check(
            &format!(r#"(module {call} (table (export "table") 1 externref) (table 1 funcref))"#),
            &[(TABLE_EXPORT, 1)],
        );
        check(
            &format!("(module {call} (table 1 funcref) (table 1 funcref))"),
            &[],
        );
        let two = format!(
            r#"(module {call} (table (export "table") 1 funcref) (table (export "b") 1 funcref))"#
        );
        assert_eq!(added(&two, None, Some("b")), [(TABLE_EXPORT.to_owned(), 1)]);
    }

    #[test]
    fn other_sections_and_exports_are_unchanged() {
        let module = r#"(module
            (import "host" "call" (func $call))
            (memory 1)
            (table 1 funcref)
            (global i32 (i32.const 0))
            (start $f)
            (elem (i32.const 0) func $f)
            (func $f (call $call) (memory.init $data (i32.const 0) (i32.const 0) (i32.const 2)))
            (data $data "ab"))"#;
        check(module, &[(MEMORY_EXPORT, 0), (TABLE_EXPORT, 0)]);
    }

    #[test]
    fn a_reserved_name_is_refused() {
        let module = wat::parse_str(r#"(module (func (export "host-runtime:\1b")))"#).unwrap();
        let needs = ExportNeeds {
            memory: None,
            table: None,
            calls_back: |_: &str, _: &str| false,
        };
        assert_eq!(
            add_exports(&module, &needs).unwrap_err().to_string(),
            "the module exports `host-runtime:\\u{1b}`, and names that begin with `host-runtime:` \
             are reserved for the exports that the runtime adds; rename the export"
        );
    }

    #[test]
    fn input_that_is_not_a_module_is_unchanged() {
        let needs = || ExportNeeds {
            memory: None,
            table: None,
            calls_back: |_: &str, _: &str| true,
        };
        let module = wat::parse_str(r#"(module (memory 1) (func (export "f")))"#).unwrap();
        for length in 0..module.len() {
            let cut = &module[..length];
            let rewritten = add_exports(cut, &needs()).unwrap();
            let is_valid = |bytes| wasmparser::validate(bytes).is_ok();
            assert_eq!(is_valid(cut), is_valid(&rewritten), "{length}");
        }
        for bytes in [&b"(component)"[..], b"\0asm\x0d\0\x01\0", b"", b"\x7fELF"] {
            assert_eq!(&*add_exports(bytes, &needs()).unwrap(), bytes);
        }
    }
}

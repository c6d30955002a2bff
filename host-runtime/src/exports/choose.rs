//! Which memory and which table of functions of a module host functions use.
//!
//! The rules are the same for a module in the binary format, whose indices are known, and for one
//! that Wasmtime has compiled, of which only the types of imports and exports are known.

use wasmtime::{ExternType, Module};

use crate::{error::NoMemoryError, exports::reserved};

/// What most toolchains call a module's memory.
pub(crate) const MEMORY: &str = "memory";

/// What toolchains call the table of functions: LLVM's, and AssemblyScript's.
pub(crate) const TABLES: [&str; 2] = ["__indirect_function_table", "table"];

/// The memories of a module, or its tables of functions.
#[derive(Default)]
pub(crate) struct Candidates<'m> {
    /// Each export, and the index of what it exports.
    pub(crate) exported: Vec<(&'m str, u32)>,
    /// Each import, by its module and name, and its index.
    pub(crate) imported: Vec<((&'m str, &'m str), u32)>,
    /// The indices of those that the module defines.
    pub(crate) defined: Vec<u32>,
}

/// The memory or the table that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen<'m> {
    pub(crate) index: u32,
    /// An export of it, if it is exported.
    pub(crate) export: Option<&'m str>,
    /// The import that it is, if it is imported and not exported.
    pub(crate) import: Option<(&'m str, &'m str)>,
}

impl<'m> Candidates<'m> {
    /// The memories of a compiled module. Each export counts as a memory of its own, since nothing
    /// says which of them are one.
    pub(crate) fn memories(module: &'m Module) -> Self {
        Self::of_module(module, |ty| ty.memory().is_some())
    }

    /// The tables of functions of a compiled module.
    pub(crate) fn tables(module: &'m Module) -> Self {
        Self::of_module(module, |ty| {
            let table = ty.table();
            table.is_some_and(|table| table.element().heap_type().is_func())
        })
    }

    fn of_module(module: &'m Module, is_candidate: impl Fn(&ExternType) -> bool) -> Self {
        let mut candidates = Self::default();
        let mut next = 0..;
        for import in module.imports().filter(|import| is_candidate(&import.ty())) {
            let name = (import.module(), import.name());
            candidates
                .imported
                .extend(next.next().map(|index| (name, index)));
        }
        for export in module.exports().filter(|export| is_candidate(&export.ty())) {
            candidates
                .exported
                .extend(next.next().map(|index| (export.name(), index)));
        }
        candidates
    }

    /// The guest's memory: the export that is asked for, or the only one, or the one called
    /// `memory` among several. Of a module that exports none it is the only one that it
    /// imports, or the one that it imports as `memory` among several, or the only one that it
    /// defines.
    pub(crate) fn choose_memory(&self, wanted: Option<&str>) -> Result<Chosen<'m>, NoMemoryError> {
        if let Some(chosen) = self.export(wanted.unwrap_or(MEMORY)) {
            return Ok(chosen);
        }
        match (wanted, &self.distinct_exports()[..]) {
            (None | Some(MEMORY), []) => {}
            (Some(wanted), _) => {
                return Err(NoMemoryError::NotNamed {
                    wanted: wanted.to_owned(),
                    exported: self.export_names(),
                });
            }
            (None, [only]) => return Ok(*only),
            (None, _) => return Err(NoMemoryError::Several(self.export_names())),
        }
        match self.import(&[MEMORY]) {
            Some(chosen) => return Ok(chosen),
            None if self.imported.is_empty() => {}
            None => {
                let imports = self.distinct_imports();
                let names = imports
                    .iter()
                    .map(|((module, name), _)| format!("{module}.{name}"));
                return Err(NoMemoryError::SeveralImported(names.collect()));
            }
        }
        match self.defined[..] {
            [] => Err(NoMemoryError::NoneExported),
            [index] => Ok(unexported(index)),
            _ => Err(NoMemoryError::SeveralDefined),
        }
    }

    /// The guest's table of functions: the export with a usual name, or the only one that is
    /// exported. Of a module that exports none it is chosen as a memory is.
    pub(crate) fn choose_table(&self) -> Option<Chosen<'m>> {
        if let Some(chosen) = TABLES.iter().find_map(|name| self.export(name)) {
            return Some(chosen);
        }
        match self.distinct_exports()[..] {
            [] => {}
            [only] => return Some(only),
            _ => return None,
        }
        match self.defined[..] {
            _ if !self.imported.is_empty() => self.import(&TABLES),
            [index] => Some(unexported(index)),
            _ => None,
        }
    }

    /// The candidate that is exported by this name.
    pub(crate) fn export(&self, name: &str) -> Option<Chosen<'m>> {
        let mut exported = self.exported.iter();
        let &(name, index) = exported.find(|(exported, _)| *exported == name)?;
        Some(Chosen {
            index,
            export: Some(name),
            import: None,
        })
    }

    /// The candidates that are exported, each once.
    fn distinct_exports(&self) -> Vec<Chosen<'m>> {
        let mut distinct: Vec<Chosen<'m>> = Vec::new();
        for &(name, index) in &self.exported {
            // More than two need not be told apart.
            if distinct.len() < 2 && distinct.iter().all(|known| known.index != index) {
                distinct.push(Chosen {
                    index,
                    export: Some(name),
                    import: None,
                });
            }
        }
        distinct
    }

    fn export_names(&self) -> Vec<String> {
        let names = self.exported.iter().map(|(name, _)| *name);
        let names = names.filter(|name| !reserved::is_reserved(name));
        names.map(str::to_owned).collect()
    }

    /// The import that is the only one, or the only one that has one of these names.
    fn import(&self, usual: &[&str]) -> Option<Chosen<'m>> {
        let distinct = self.distinct_imports();
        let named = distinct
            .iter()
            .filter(|((_, name), _)| usual.contains(name));
        let named: Vec<_> = named.collect();
        let ((&[(name, index)], _) | (_, &[&(name, index)])) = (&distinct[..], &named[..]) else {
            return None;
        };
        Some(Chosen {
            index,
            export: None,
            import: Some(name),
        })
    }

    /// The imports, each once: a module may list one twice.
    fn distinct_imports(&self) -> Vec<((&'m str, &'m str), u32)> {
        let mut distinct = self.imported.clone();
        distinct.sort_unstable();
        distinct.dedup_by_key(|(name, _)| *name);
        distinct.sort_unstable_by_key(|(_, index)| *index);
        distinct
    }
}

fn unexported(index: u32) -> Chosen<'static> {
    Chosen {
        index,
        export: None,
        import: None,
    }
}

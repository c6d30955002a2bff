//! Chooses the memory and the table of functions of a module that host functions use.
//!
//! The rules are the same for a module in the binary format, whose indices are known, and for a
//! compiled module, for which Wasmtime tells only the types of imports and exports.

use wasmtime::{ExternType, HeapType, Module};

use crate::{
    error::{NoMemoryError, NoTableError},
    exports::names::{MEMORY, TABLES, is_reserved},
};

/// The memories of a module, or its tables of functions.
#[derive(Default)]
pub(crate) struct Candidates<'m> {
    /// Each export, and the index of the exported item.
    pub(crate) exported: Vec<(&'m str, u32)>,
    /// Each import, by its module and name, and its index.
    pub(crate) imported: Vec<((&'m str, &'m str), u32)>,
    /// The indices of the items that the module defines.
    pub(crate) defined: Vec<u32>,
}

/// The chosen memory or table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen<'m> {
    pub(crate) index: u32,
    /// The name of an export, if it is exported.
    pub(crate) export: Option<&'m str>,
    /// The module and name of the import, if it is imported and not exported.
    pub(crate) import: Option<(&'m str, &'m str)>,
}

impl<'m> Candidates<'m> {
    /// The memories of a compiled module. If it has several, each export counts as a memory of its
    /// own, because Wasmtime does not tell which exports are the same memory.
    pub(crate) fn memories(module: &'m Module) -> Self {
        let is_memory = |ty: &ExternType| ty.memory().is_some();
        let defined = module.resources_required().num_memories;
        Self::of_module(module, has_one(module, defined, is_memory), is_memory)
    }

    /// The tables of functions of a compiled module.
    pub(crate) fn tables(module: &'m Module) -> Self {
        let defined = module.resources_required().num_tables;
        let is_table = |ty: &ExternType| ty.table().is_some();
        let has_one = has_one(module, defined, is_table);
        Self::of_module(module, has_one, is_function_table)
    }

    /// `has_one` says that all exports are the same item.
    fn of_module(
        module: &'m Module,
        has_one: bool,
        is_candidate: impl Fn(&ExternType) -> bool,
    ) -> Self {
        let mut candidates = Self::default();
        let mut next = (0..).map(|index| if has_one { 0 } else { index });
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

    /// Chooses the guest's memory: the export by the name `wanted`, or the only exported memory, or
    /// the one called `memory` among several. If the module exports none, it is the only imported
    /// memory, or the one imported as `memory` among several, or the only one that the module
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

    /// Chooses the guest's table of functions: the export by the name `wanted`, or the one with a
    /// usual name, or the only exported one. If the module exports none, the rules are those for
    /// memories.
    pub(crate) fn choose_table(&self, wanted: Option<&str>) -> Result<Chosen<'m>, NoTableError> {
        let chosen = match wanted {
            Some(wanted) => self.export(wanted),
            None => TABLES.iter().find_map(|name| self.export(name)),
        };
        if let Some(chosen) = chosen {
            return Ok(chosen);
        }
        match (wanted, &self.distinct_exports()[..]) {
            (None, []) => {}
            (Some(wanted), []) if TABLES.contains(&wanted) => {}
            (Some(wanted), _) => {
                return Err(NoTableError::NotNamed {
                    wanted: wanted.to_owned(),
                    exported: self.export_names(),
                });
            }
            (None, [only]) => return Ok(*only),
            (None, _) => return Err(NoTableError::Several(self.export_names())),
        }
        match self.defined[..] {
            _ if !self.imported.is_empty() => {
                self.import(&TABLES).ok_or(NoTableError::SeveralUnexported)
            }
            [] => Err(NoTableError::NoneExported),
            [index] => Ok(unexported(index)),
            _ => Err(NoTableError::SeveralUnexported),
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
            // Two are enough to know that there are several.
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
        let names = names.filter(|name| !is_reserved(name));
        names.map(str::to_owned).collect()
    }

    /// The only import, or the only one with one of these names.
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

    /// The imports, each once. A module may list an import twice.
    fn distinct_imports(&self) -> Vec<((&'m str, &'m str), u32)> {
        let mut distinct = self.imported.clone();
        distinct.sort_unstable();
        distinct.dedup_by_key(|(name, _)| *name);
        distinct.sort_unstable_by_key(|(_, index)| *index);
        distinct
    }
}

/// Checks whether a module that defines so many memories or tables has one in all, with imports.
fn has_one(module: &Module, defined: u32, is_one: impl Fn(&ExternType) -> bool) -> bool {
    let imported = module
        .imports()
        .filter(|import| is_one(&import.ty()))
        .count();
    imported + defined as usize == 1
}

/// Checks whether it is a table of functions, of any function type.
pub(crate) fn is_function_table(ty: &ExternType) -> bool {
    let table = ty.table();
    table.is_some_and(|table| matches!(table.element().heap_type().top(), HeapType::Func))
}

fn unexported(index: u32) -> Chosen<'static> {
    Chosen {
        index,
        export: None,
        import: None,
    }
}

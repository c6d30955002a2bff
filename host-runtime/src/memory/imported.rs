//! The memories and tables that guests import, for those that export none.

use std::{any::Any, sync::Weak};

use wasmtime::{ExternType, Module, Table};

use crate::memory::{Found, NoMemory, find::USUAL_NAME};

/// What the modules of a store import.
#[derive(Clone, Default)]
pub(crate) struct Imported {
    memories: OfModules<Found>,
    tables: OfModules<ImportedTable>,
}

/// A table of functions that a module imports.
#[derive(Clone)]
struct ImportedTable {
    table: Table,
    origin: Option<Origin>,
}

/// What has given a table to an instance, if it gives the same to each. Tables themselves cannot be
/// compared.
pub(crate) type Origin = Weak<dyn Any + Send + Sync>;

impl Imported {
    /// Notes which memory a new instance has imported; `same` compares two.
    pub(crate) fn add_memory(
        &mut self,
        module: &Module,
        memory: Found,
        same: impl FnOnce(&Found, &Found) -> bool,
    ) {
        self.memories.insert(module, memory, same);
    }

    /// The memory that the instances of a module have imported, if it is one.
    pub(crate) fn memory(&self, module: &Module) -> Option<Found> {
        self.memories.get(module)
    }

    /// Notes which table of functions a new instance has imported.
    pub(crate) fn add_table(&mut self, module: &Module, table: Table, origin: Option<Origin>) {
        let new = ImportedTable { table, origin };
        self.tables.insert(module, new, |known, new| {
            matches!((&known.origin, &new.origin), (Some(a), Some(b)) if Weak::ptr_eq(a, b))
        });
    }

    /// The table of functions that the instances of a module have imported, if it is one.
    pub(crate) fn table(&self, module: &Module) -> Option<Table> {
        self.tables.get(module).map(|imported| imported.table)
    }
}

/// What each module imports of one kind.
#[derive(Clone)]
struct OfModules<T>(Vec<(Module, Known<T>)>);

#[derive(Clone)]
enum Known<T> {
    One(T),
    /// The module has been instantiated with several. Which of its instances calls, Wasmtime does not
    /// say.
    Several,
}

impl<T: Clone> OfModules<T> {
    fn insert(&mut self, module: &Module, item: T, same: impl FnOnce(&T, &T) -> bool) {
        let mut known = self.0.iter_mut();
        match known.find(|(known, _)| Module::same(known, module)) {
            None => self.0.push((module.clone(), Known::One(item))),
            Some((_, found)) => {
                if let Known::One(known) = found
                    && !same(known, &item)
                {
                    *found = Known::Several;
                }
            }
        }
    }

    fn get(&self, module: &Module) -> Option<T> {
        let mut known = self.0.iter();
        let (_, found) = known.find(|(known, _)| Module::same(known, module))?;
        match found {
            Known::One(item) => Some(item.clone()),
            Known::Several => None,
        }
    }
}

impl<T> Default for OfModules<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// The import that is the memory of guests which export none: the only one, or the one called `memory` among
/// several.
pub(crate) fn imported_memory(module: &Module) -> Result<Import<'_>, NoMemory> {
    let memories = imports(module, |ty| matches!(ty, ExternType::Memory(_)));
    if memories.is_empty() {
        return Err(NoMemory::NoneExported);
    }
    choose(&memories, &[USUAL_NAME]).ok_or_else(|| {
        let names = memories
            .iter()
            .map(|(module, name)| format!("{module}.{name}"));
        NoMemory::SeveralImported(names.collect())
    })
}

/// The import that is the table of functions of guests which export none: the only one, or the one with a
/// usual name among several.
pub(crate) fn imported_table<'m>(module: &'m Module, usual: &[&str]) -> Option<Import<'m>> {
    let of_functions = |ty: ExternType| {
        ty.table()
            .is_some_and(|table| table.element().heap_type().is_func())
    };
    choose(&imports(module, of_functions), usual)
}

/// An import by its module and name.
type Import<'m> = (&'m str, &'m str);

/// The imports of such a type, each once.
fn imports(module: &Module, such: impl Fn(ExternType) -> bool) -> Vec<Import<'_>> {
    let mut found = Vec::new();
    for import in module.imports().filter(|import| such(import.ty())) {
        let import = (import.module(), import.name());
        if !found.contains(&import) {
            found.push(import);
        }
    }
    found
}

/// The only one, or the only one that has one of these names.
fn choose<'m>(imports: &[Import<'m>], names: &[&str]) -> Option<Import<'m>> {
    let usual = imports.iter().filter(|(_, name)| names.contains(name));
    match (imports, &usual.collect::<Vec<_>>()[..]) {
        (&[only], _) | (_, &[&only]) => Some(only),
        _ => None,
    }
}

//! The memories that guests import, for those that export none.

use wasmtime::{AsContext, Module};

use crate::memory::Found;

/// Which memory each module of a store imports.
#[derive(Default)]
pub(crate) struct ImportedMemories(Vec<(Module, Imported)>);

enum Imported {
    One(Found),
    /// The module has been instantiated with several. Which of its instances calls, Wasmtime does not
    /// say.
    Several,
}

impl ImportedMemories {
    /// Notes the memory of a new instance. If its module imports several, that is the first one.
    pub(crate) fn insert(&mut self, store: &impl AsContext, module: &Module, memory: Found) {
        match self
            .0
            .iter_mut()
            .find(|(known, _)| Module::same(known, module))
        {
            None => self.0.push((module.clone(), Imported::One(memory))),
            Some((_, imported)) => {
                if let Imported::One(known) = imported
                    && known.address(store) != memory.address(store)
                {
                    *imported = Imported::Several;
                }
            }
        }
    }

    /// The memory that the instances of a module have imported, if it is one.
    pub(crate) fn get(&self, module: &Module) -> Option<Found> {
        let (_, imported) = self
            .0
            .iter()
            .find(|(known, _)| Module::same(known, module))?;
        match imported {
            Imported::One(memory) => Some(memory.clone()),
            Imported::Several => None,
        }
    }
}

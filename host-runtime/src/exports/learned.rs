//! Where modules that were not known when linking export their memory.

use std::collections::HashMap;

use wasmtime::Module;

use crate::exports::{KnownExport, QuickExport, locate_memory};

/// How many modules are tried one after the other before the stack is asked which module calls.
const TRIED: usize = 16;

/// What host functions in a linker of the embedder's have learned of the modules that call them.
#[derive(Default)]
pub(crate) struct LearnedModules {
    /// Of each name in an attribute, and of none, the first module that called.
    first: Vec<(Option<&'static str>, Option<QuickExport>)>,
    /// The memories that have no usual name.
    unusual: Vec<KnownExport>,
    /// All modules that were looked through, by the address of their code.
    modules: HashMap<usize, (Module, Option<KnownExport>)>,
}

impl LearnedModules {
    /// The memory of the first module that called, for host functions that name it so.
    #[inline]
    pub(crate) fn first(&self, name: Option<&'static str>) -> Option<QuickExport> {
        match self.first.first() {
            Some((known, export)) if *known == name => *export,
            _ => self.other_first(name),
        }
    }

    fn other_first(&self, name: Option<&'static str>) -> Option<QuickExport> {
        let mut first = self.first.iter();
        first.find(|(known, _)| *known == name)?.1
    }

    /// Whether a module has called for the memory of that name before.
    pub(crate) fn has_first(&self, name: Option<&'static str>) -> bool {
        self.first.iter().any(|(known, _)| *known == name)
    }

    pub(crate) fn set_first(&mut self, name: Option<&'static str>, export: Option<QuickExport>) {
        self.first.push((name, export));
    }

    /// One of the memories that have no usual name.
    pub(crate) fn unusual(&self, index: usize) -> Option<&KnownExport> {
        self.unusual.get(index)
    }

    /// The memory of a module that has no usual name, looked for once.
    pub(crate) fn learn(&mut self, module: &Module, wanted: Option<&str>) -> Option<KnownExport> {
        // The module is kept, so that no other has its code there.
        let address = module.image_range().start.addr();
        let (_, known) = self.modules.entry(address).or_insert_with(|| {
            let known = locate_memory(module, wanted).ok();
            if self.unusual.len() < TRIED {
                self.unusual.extend(known.clone());
            }
            (module.clone(), known)
        });
        known.clone()
    }
}

//! Caches what host functions find in the modules that call them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use wasmtime::{Caller, Module};

use crate::{
    error::{NoMemoryError, NoTableError},
    exports::{
        ExportNames, KnownExport, QuickExport, choose::Candidates, locate_memory,
        lookup::locate_table, named_memory,
    },
    message::nearest::FunctionNames,
};

/// How many modules are tried before the stack is captured to find out which module calls.
const TRIED: usize = 16;

/// The modules that have called host functions of a store.
#[derive(Default)]
pub(crate) struct LearnedModules {
    /// The memory of the first module that called, for each name in an attribute and for none.
    first: Vec<(Option<&'static str>, Option<QuickExport>)>,
    modules: Vec<Arc<LearnedModule>>,
    /// The index of each module in `modules`, by the address of its code.
    by_code: HashMap<usize, usize>,
}

/// A module, and the exports that host functions use. The search for them goes through all exports
/// of the module, so it is done once.
pub(crate) struct LearnedModule {
    /// Keeps the module alive, so that the code of no other module has its address.
    module: Module,
    /// An export, to recognize instances of the module.
    marker: KnownExport,
    pub(crate) memory: Result<KnownExport, NoMemoryError>,
    pub(crate) table: Result<KnownExport, NoTableError>,
    /// Why it has no memory or no table by a name in an attribute.
    no_memory: Reasons<NoMemoryError>,
    no_table: Reasons<NoTableError>,
    functions: OnceLock<FunctionNames>,
}

impl LearnedModules {
    /// The memory of the first module that called, for host functions that name this memory.
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

    /// Whether a module has called before for the memory of that name.
    pub(crate) fn has_first(&self, name: Option<&'static str>) -> bool {
        self.first.iter().any(|(known, _)| *known == name)
    }

    pub(crate) fn set_first(&mut self, name: Option<&'static str>, export: Option<QuickExport>) {
        self.first.push((name, export));
    }

    /// One of the first modules, which are tried before the stack is captured.
    pub(crate) fn tried(&self, index: usize) -> Option<Arc<LearnedModule>> {
        self.modules[..self.modules.len().min(TRIED)]
            .get(index)
            .cloned()
    }

    /// Adds a module, unless it is known. Returns `None` for a module without exports, whose
    /// instances cannot be recognized.
    pub(crate) fn learn(
        &mut self,
        module: &Module,
        names: &ExportNames,
    ) -> Option<Arc<LearnedModule>> {
        let address = module.image_range().start.addr();
        if let Some(known) = self.by_code.get(&address) {
            return Some(Arc::clone(&self.modules[*known]));
        }
        let learned = Arc::new(LearnedModule::new(module, names)?);
        self.by_code.insert(address, self.modules.len());
        self.modules.push(Arc::clone(&learned));
        Some(learned)
    }
}

impl LearnedModule {
    fn new(module: &Module, names: &ExportNames) -> Option<Self> {
        let first = module.exports().next()?;
        Some(Self {
            module: module.clone(),
            marker: KnownExport::new(module, first.name())?,
            memory: locate_memory(module, names.memory.as_deref()),
            table: locate_table(module, names.table.as_deref()),
            no_memory: Reasons::default(),
            no_table: Reasons::default(),
            functions: OnceLock::new(),
        })
    }

    /// Checks whether the calling instance is one of this module.
    pub(crate) fn calls<T>(&self, caller: &mut Caller<'_, T>) -> bool {
        self.marker.of_caller(caller).is_some()
    }

    /// The memory that it exports by this name.
    pub(crate) fn named_memory(&self, name: &str) -> Option<KnownExport> {
        named_memory(&self.module, name)
    }

    /// Explains why it has no memory by the name in the attribute, or, if there is no such name, by
    /// the name that the embedder gives.
    #[cold]
    pub(crate) fn no_memory(&self, name: Option<&'static str>) -> NoMemoryError {
        let Some(name) = name else {
            return match &self.memory {
                Err(reason) => reason.clone(),
                Ok(_) => NoMemoryError::NoGuest,
            };
        };
        self.no_memory.of(name, || {
            let chosen = Candidates::memories(&self.module).choose_memory(Some(name));
            chosen.err().unwrap_or(NoMemoryError::NoGuest)
        })
    }

    /// Explains why it has no table of functions by the name in the attribute.
    #[cold]
    pub(crate) fn no_table(&self, name: &'static str) -> NoTableError {
        self.no_table.of(name, || {
            let chosen = Candidates::tables(&self.module).choose_table(Some(name));
            chosen.err().unwrap_or(NoTableError::NoneExported)
        })
    }

    /// The functions that it exports.
    #[cold]
    pub(crate) fn functions(&self) -> &FunctionNames {
        self.functions
            .get_or_init(|| FunctionNames::some(&self.module))
    }
}

/// Caches why there is no item by a name.
struct Reasons<E>(Mutex<Vec<(&'static str, E)>>);

impl<E: Clone> Reasons<E> {
    fn of(&self, name: &'static str, find: impl FnOnce() -> E) -> E {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reason)) = known.iter().find(|(known, _)| *known == name) {
            return reason.clone();
        }
        let reason = find();
        known.push((name, reason.clone()));
        reason
    }
}

impl<E> Default for Reasons<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

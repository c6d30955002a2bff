//! One import that the host offers: a function or a global.

use std::{fmt, iter, ptr};

use crate::registry::{Declaration, HostFunction, HostGlobal, Location};

/// An annotated item.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum HostImport {
    /// A function.
    Function(&'static HostFunction),
    /// A global, of a `const` or a `static`.
    Global(&'static HostGlobal),
}

impl HostImport {
    fn declared(&self) -> &'static Declaration {
        match self {
            Self::Function(function) => function.shared(),
            Self::Global(global) => global.shared(),
        }
    }

    /// The module that guests import it from.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.declared().module
    }

    /// The name that guests import it by. If it has several, this is the first one.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.declared().name
    }

    /// All names that guests import it by; see [`HostFunction::names`].
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let further = match self {
            Self::Function(function) => function.further_names(),
            Self::Global(_) => &[],
        };
        iter::once(self.name()).chain(further.iter().copied())
    }

    /// The item as in the source: the signature of a function, or a global without its value.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.declared().code
    }

    /// The doc comment, lines joined.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.declared().docs
    }

    /// The name of the item's crate in Rust code.
    #[must_use]
    pub fn crate_name(&self) -> &'static str {
        self.declared().crate_name()
    }

    /// The path of the Rust module that the item is in.
    #[must_use]
    pub fn module_path(&self) -> &'static str {
        self.declared().source.module_path
    }

    /// The place of the item in its source.
    #[must_use]
    pub fn location(&self) -> Location {
        self.declared().location()
    }

    /// The function, if it is one.
    #[must_use]
    pub fn function(&self) -> Option<&'static HostFunction> {
        match self {
            Self::Function(function) => Some(function),
            Self::Global(_) => None,
        }
    }

    /// The global, if it is one.
    #[must_use]
    pub fn global(&self) -> Option<&'static HostGlobal> {
        match self {
            Self::Global(global) => Some(global),
            Self::Function(_) => None,
        }
    }

    /// Identifies the item.
    pub(super) fn id(&self) -> usize {
        ptr::from_ref(self.declared()).addr()
    }

    /// Whether both are the same item.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.id() == other.id()
    }

    /// Whether its attribute gives it this module and this name.
    pub(crate) fn is_called(&self, module: &str, name: &str) -> bool {
        self.module() == module && self.names().any(|own| own == name)
    }

    /// What the attribute puts before each name by `prefix`.
    pub(crate) fn prefix(&self) -> &'static str {
        match self {
            Self::Function(function) => function.prefix(),
            Self::Global(global) => global.prefix(),
        }
    }

    /// Prints the item, and an import that it is offered for.
    pub(crate) fn imported_as(&self, module: &str, name: &str) -> String {
        self.declared().imported_as(module, name)
    }
}

impl From<&'static HostFunction> for HostImport {
    fn from(function: &'static HostFunction) -> Self {
        Self::Function(function)
    }
}

impl From<&'static HostGlobal> for HostImport {
    fn from(global: &'static HostGlobal) -> Self {
        Self::Global(global)
    }
}

/// Prints the import and the item: `` `ffi.print`, fn print(x: i32) (src/main.rs:7) ``.
impl fmt::Display for HostImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.declared().fmt(f)
    }
}

impl fmt::Debug for HostImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

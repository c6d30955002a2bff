//! The names by which a set offers its items.

use std::{borrow::Cow, cmp::Reverse, fmt};

use crate::registry::{HostFunction, HostImport, Location, Pattern};

/// An item of a set, and one name by which the set offers it: a name of its attribute, or an alias.
#[derive(Clone)]
pub(crate) struct Offer {
    module: Cow<'static, str>,
    name: Cow<'static, str>,
    item: HostImport,
}

impl Offer {
    /// An item by each name of its attribute.
    pub(super) fn own(item: HostImport) -> impl Iterator<Item = Self> {
        item.names().map(move |name| Self {
            module: item.module().into(),
            name: name.into(),
            item,
        })
    }

    pub(super) fn alias(module: String, name: String, function: &'static HostFunction) -> Self {
        Self {
            module: module.into(),
            name: name.into(),
            item: function.into(),
        }
    }

    /// The module that guests import the item from.
    pub(crate) fn module(&self) -> &str {
        &self.module
    }

    /// The name that guests import the item by, or a pattern for it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn item(&self) -> HostImport {
        self.item
    }

    /// The module and the name.
    pub(super) fn import(&self) -> (&str, &str) {
        (&self.module, &self.name)
    }

    /// The name, if it is a pattern.
    pub(crate) fn pattern(&self) -> Option<Pattern<'_>> {
        Pattern::of(&self.name)
    }

    /// How specific the pattern is, if the name is one.
    pub(super) fn specificity(&self) -> Option<(usize, Reverse<usize>)> {
        self.pattern().map(Pattern::specificity)
    }

    /// Whether the item's attribute does not give the name.
    pub(crate) fn is_alias(&self) -> bool {
        !self.item.is_called(&self.module, &self.name)
    }

    /// The order in a set. The offers of one item for one import are next to each other.
    pub(super) fn order(&self) -> (&str, &str, &'static str, Location, usize) {
        let (module_path, location) = (self.item.module_path(), self.item.location());
        let (module, name) = self.import();
        (module, name, module_path, location, self.item.id())
    }
}

/// Prints the import and the item: `` `ffi.print`, fn print(x: i32) (src/main.rs:7) ``.
impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.item.imported_as(&self.module, &self.name))
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

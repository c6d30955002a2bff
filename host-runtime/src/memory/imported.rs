//! The memories and tables that guests import, for those that export none.

use wasmtime::Module;

/// What each module of a store imports of one kind.
#[derive(Clone)]
pub(crate) struct Imported<T>(Vec<(Module, Found<T>)>);

#[derive(Clone)]
enum Found<T> {
    One(T),
    /// The module has been instantiated with several. Which of its instances calls, Wasmtime does not
    /// say.
    Several,
}

impl<T: Clone> Imported<T> {
    /// Notes what a new instance has. If its module imports several, that is the first one.
    pub(crate) fn insert(&mut self, module: &Module, item: T, same: impl FnOnce(&T, &T) -> bool) {
        let mut known = self.0.iter_mut();
        match known.find(|(known, _)| Module::same(known, module)) {
            None => self.0.push((module.clone(), Found::One(item))),
            Some((_, found)) => {
                if let Found::One(known) = found
                    && !same(known, &item)
                {
                    *found = Found::Several;
                }
            }
        }
    }

    /// What the instances of a module have imported, if it is one.
    pub(crate) fn get(&self, module: &Module) -> Option<T> {
        let mut known = self.0.iter();
        let (_, found) = known.find(|(known, _)| Module::same(known, module))?;
        match found {
            Found::One(item) => Some(item.clone()),
            Found::Several => None,
        }
    }
}

impl<T> Default for Imported<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

//! How the guests that will call a host function import it.

use wasmtime::{Engine, FuncType};

use crate::{registry::HostFunction, values::Width};

/// What a host function is to those who import it.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// How wide their addresses are.
    pub(crate) width: Width,
    /// The type that they write, if it is known: one that the function's own matches.
    pub(crate) ty: Option<FuncType>,
}

impl Wanted {
    /// The type to define a function with.
    ///
    /// That is the one which is wanted: to Wasmtime, as to the
    /// [specification](https://webassembly.github.io/spec/core/valid/matching.html#defined-types), a type that
    /// takes more or gives less matches only if it is declared so, which nothing of the host's is.
    pub(super) fn func_type(&self, function: &HostFunction, engine: &Engine) -> FuncType {
        let own = function.func_type(engine, self.width);
        match &self.ty {
            Some(wanted) if Engine::same(wanted.engine(), engine) && own.matches(wanted) => {
                wanted.clone()
            }
            _ => own,
        }
    }
}

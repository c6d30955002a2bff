//! How the guests that will call a host function import it.

use wasmtime::{Engine, FuncType, Module};

use crate::{memory, registry::HostFunction, values::Width};

/// What a host function is to those who import it.
#[derive(Clone, Default)]
#[doc(hidden)]
pub struct Wanted {
    /// How wide their addresses are.
    pub(crate) width: Width,
    /// The type that they write, if it is known.
    ty: Option<FuncType>,
}

impl Wanted {
    /// By one module, in which functions that name no memory have addresses of the width `usual`.
    pub(crate) fn by(
        module: &Module,
        engine: &Engine,
        function: &HostFunction,
        usual: Width,
    ) -> Self {
        let mut imports = module.imports();
        let import = imports.find(|import| {
            import.module() == function.module() && import.name() == function.name()
        });
        // Types of two engines are not compared.
        let import = import.filter(|_| Engine::same(module.engine(), engine));
        Self {
            width: memory::width_for(module, function, usual),
            ty: import.and_then(|import| import.ty().func().cloned()),
        }
    }

    /// The type to define a function with.
    ///
    /// That is the one which is wanted, where the function's own matches it: to Wasmtime, as to the
    /// [specification](https://webassembly.github.io/spec/core/valid/matching.html#defined-types), a type that
    /// takes more or gives less matches only if it is declared so, which nothing of the host's is.
    pub(super) fn func_type(&self, function: &HostFunction, engine: &Engine) -> FuncType {
        let own = function.func_type(engine, self.width);
        match &self.ty {
            Some(wanted) if own.matches(wanted) => wanted.clone(),
            _ => own,
        }
    }
}

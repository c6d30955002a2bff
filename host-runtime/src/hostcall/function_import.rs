//! How the guests that will call a host function import it.

use std::sync::Arc;

use wasmtime::{Engine, FuncType};

use crate::{
    abi::AddressType,
    exports::{GuestExports, ModuleExports},
    registry::HostFunction,
    store::Trampolines,
};

/// What a host function is to those who import it.
#[derive(Clone, Default)]
pub(crate) struct FunctionImport {
    /// How wide their addresses are.
    pub(crate) address_type: AddressType,
    /// The type that they write, if it is known: one that the function's own matches.
    pub(crate) ty: Option<FuncType>,
    /// The exports of the module that imports it, if that is known.
    pub(crate) module: Option<Arc<ModuleExports>>,
    /// What the host functions of the linker share.
    pub(crate) trampolines: Arc<Trampolines>,
}

/// What a host function in a linker uses to find what the instance that calls has.
pub(super) struct Lookup {
    pub(super) exports: GuestExports,
    pub(super) trampolines: Arc<Trampolines>,
}

impl FunctionImport {
    /// The same in a linker for the guests of one module, or of any.
    pub(crate) fn in_linker(
        &self,
        module: Option<&Arc<ModuleExports>>,
        trampolines: &Arc<Trampolines>,
    ) -> Self {
        Self {
            module: module.cloned(),
            trampolines: Arc::clone(trampolines),
            ..self.clone()
        }
    }

    pub(super) fn lookup(&self, function: &HostFunction) -> Lookup {
        Lookup {
            exports: match &self.module {
                Some(module) => GuestExports::of_module(function.named_exports(), module),
                None => GuestExports::of_any(function.named_exports()),
            },
            trampolines: Arc::clone(&self.trampolines),
        }
    }

    /// The type to define a function with.
    ///
    /// That is the one which is wanted: to Wasmtime, as to the
    /// [specification](https://webassembly.github.io/spec/core/valid/matching.html#defined-types), a type that
    /// takes more or gives less matches only if it is declared so, which nothing of the host's is.
    pub(super) fn func_type(&self, function: &HostFunction, engine: &Engine) -> FuncType {
        let own = function.func_type(engine, self.address_type);
        let given = FuncType::new(
            engine,
            function.param_types(self.address_type),
            function.given_types(self.address_type),
        );
        match &self.ty {
            Some(wanted) if Engine::same(wanted.engine(), engine) && given.matches(wanted) => {
                wanted.clone()
            }
            _ => own,
        }
    }
}

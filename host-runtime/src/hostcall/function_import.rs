//! How guests import a host function.

use std::sync::Arc;

use wasmtime::{Engine, FuncType};

use crate::{
    abi::AddressType,
    exports::{GuestExports, ModuleExports},
    registry::HostFunction,
    store::Trampolines,
};

/// How the modules of a linker import one host function.
#[derive(Clone, Default)]
pub(crate) struct FunctionImport {
    /// The address type of the modules.
    pub(crate) address_type: AddressType,
    /// The type of the import, if it is known. The function's own type matches it.
    pub(crate) ty: Option<FuncType>,
    /// The exports of the importing module, if there is one module.
    pub(crate) module: Option<Arc<ModuleExports>>,
    /// The trampolines that the host functions of the linker share.
    pub(crate) trampolines: Arc<Trampolines>,
}

/// How a host function in a linker finds the memory and the table of the calling instance.
pub(super) struct Lookup {
    pub(super) exports: GuestExports,
    pub(super) trampolines: Arc<Trampolines>,
}

impl FunctionImport {
    /// The same import in a linker for one module, or for any module.
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

    /// The type that the function is defined with: that of the import, if it is known.
    ///
    /// In Wasmtime, as in the
    /// [specification](https://webassembly.github.io/spec/core/valid/matching.html#defined-types),
    /// a type with wider parameters or narrower results matches only if it is declared as a
    /// subtype, which the type of a host function is not.
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

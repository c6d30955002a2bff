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
    /// The module and the name, if they are not those that the function's record begins with.
    pub(crate) name: Option<Arc<ImportName>>,
    /// The address type of the modules.
    pub(crate) address_type: AddressType,
    /// The type of the import, if it is known. The function's own type matches it.
    pub(crate) ty: Option<FuncType>,
    /// The exports of the importing module, if there is one module.
    pub(crate) module: Option<Arc<ModuleExports>>,
    /// The trampolines that the host functions of the linker share.
    pub(crate) trampolines: Arc<Trampolines>,
}

/// The module and the name of an import.
pub(crate) struct ImportName {
    pub(super) module: Box<str>,
    pub(super) name: Box<str>,
}

impl ImportName {
    /// The import of a function, unless it is the one that the function's record begins with.
    pub(crate) fn of(function: &HostFunction, module: &str, name: &str) -> Option<Arc<Self>> {
        if (function.module(), function.name()) == (module, name) {
            return None;
        }
        Some(Arc::new(Self {
            module: module.into(),
            name: name.into(),
        }))
    }
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

    /// The module and the name of the import.
    pub(crate) fn import(&self, function: &HostFunction) -> (&str, &str) {
        match &self.name {
            Some(import) => (&*import.module, &*import.name),
            None => (function.module(), function.name()),
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

//! The functions that a guest exports.

use std::fmt;

use wasmtime::{ExternType, FuncType, Module, TypedFunc, WasmParams, WasmResults};

use crate::{
    instance::{Instance, WrongStoreError, running::InstanceId},
    text,
};

/// A function that an instance exports, kept to be called again and again.
///
/// [`Instance::func`] makes one.
pub struct ExportedFunc<P, R> {
    pub(super) func: TypedFunc<P, R>,
    /// The instance that it is called with.
    pub(super) instance: InstanceId,
}

impl<P: WasmParams, R: WasmResults> ExportedFunc<P, R> {
    /// Calls the function in the instance that it is from.
    ///
    /// # Errors
    ///
    /// A trap, with the guest's backtrace; what a host function failed with is in it to be
    /// downcast to; [`WrongStoreError`] if `instance` is not the one that the function is from.
    pub fn call(&self, instance: &mut Instance, params: P) -> anyhow::Result<R> {
        Ok(self
            .func
            .call(instance.store_to_call(self.instance)?, params)?)
    }
}

impl<P, R> Clone for ExportedFunc<P, R> {
    fn clone(&self) -> Self {
        Self {
            func: self.func.clone(),
            instance: self.instance,
        }
    }
}

impl<P, R> fmt::Debug for ExportedFunc<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedFunc").finish_non_exhaustive()
    }
}

/// Why an export cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// No export has the name.
    #[error("the guest exports no function `{name}`; it exports {}", functions(.exported))]
    Missing {
        /// The name that was asked for.
        name: String,
        /// The functions that the module exports.
        exported: Vec<String>,
    },
    /// The function has another type.
    #[error("the guest's `{name}` is {found}, and was asked for with another type: {reason}")]
    WrongType {
        /// The function's name.
        name: String,
        /// Its type in the text format.
        found: String,
        /// How that differs from what was asked for, as Wasmtime says it.
        reason: String,
    },
    /// It was asked for with another instance than its own.
    #[error(transparent)]
    WrongStore(#[from] WrongStoreError),
}

fn functions(names: &[String]) -> String {
    let mut text = String::new();
    crate::text::quoted(&mut text, names).expect("a String takes all text");
    text
}

impl ExportError {
    #[cold]
    pub(super) fn missing(module: &Module, name: &str) -> Self {
        let exports = module.exports();
        Self::Missing {
            name: name.to_owned(),
            exported: exports
                .filter(|export| matches!(export.ty(), ExternType::Func(_)))
                .map(|export| export.name().to_owned())
                .collect(),
        }
    }

    #[cold]
    pub(super) fn wrong_type(name: &str, found: &FuncType, reason: &wasmtime::Error) -> Self {
        Self::WrongType {
            name: name.to_owned(),
            found: text::func_type(found.params(), found.results()),
            reason: format!("{reason:#}"),
        }
    }
}

//! The functions that a guest exports.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use wasmtime::{ExternType, FuncType, Module, TypedFunc, WasmParams, WasmResults};

use crate::{
    message::{
        self,
        nearest::{self, FunctionNames},
    },
    runtime::{Instance, WrongStoreError, instance::InstanceId},
};

/// What an exported function takes: a number, a reference, or a tuple of those.
///
/// It is Wasmtime's [`WasmParams`] under a name for which rustc says what to write in place of
/// other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a function of a guest",
    label = "not the parameters of a function in WebAssembly",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `V128`, a reference such as \
        `Option<Func>`, or a tuple of those; `()` for none",
    note = "text and bytes are passed by a pointer and a length: write them to the guest's memory \
        by `Instance::write`, where the guest has room for them"
)]
pub trait ExportParams: WasmParams {}

#[diagnostic::do_not_recommend]
impl<P: WasmParams> ExportParams for P {}

/// What an exported function returns: a number, a reference, or a tuple of those.
///
/// It is Wasmtime's [`WasmResults`] under a name for which rustc says what to write in place of
/// other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a function of a guest",
    label = "not the results of a function in WebAssembly",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `V128`, a reference such as \
        `Option<Func>`, or a tuple of those; `()` for none",
    note = "text and bytes are returned by a pointer and a length: read them from the guest's \
        memory by `Instance::read`"
)]
pub trait ExportResults: WasmResults {}

#[diagnostic::do_not_recommend]
impl<R: WasmResults> ExportResults for R {}

/// A function that an instance exports, kept to be called again and again.
///
/// [`Instance::func`] makes one.
pub struct ExportedFunc<P, R> {
    pub(super) func: TypedFunc<P, R>,
    /// The instance that it is called with.
    pub(super) instance: InstanceId,
}

impl<P: ExportParams, R: ExportResults> ExportedFunc<P, R> {
    /// Calls the function in the instance that it is from.
    ///
    /// # Errors
    ///
    /// A trap, with the guest's backtrace; what a host function failed with is in it to be
    /// downcast to; [`WrongStoreError`] if `instance` is not the one that the function is from;
    /// [`MissingStateError`](crate::MissingStateError) if a state was taken out of the store.
    ///
    /// # Panics
    ///
    /// If a host function panics.
    pub fn call(&self, instance: &mut Instance, params: P) -> anyhow::Result<R> {
        let store = instance.store_to_call(self.instance)?;
        match catch_unwind(AssertUnwindSafe(|| self.func.call(store, params))) {
            Ok(returned) => Ok(returned?),
            Err(panic) => {
                // A host function may have taken a state out which another one needs.
                instance.check_states()?;
                resume_unwind(panic)
            }
        }
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
    #[error(
        "the guest exports no function `{}`; {}",
        message::escaped(.name), nearest::listed(.nearest, *.functions)
    )]
    Missing {
        /// The name that was asked for.
        name: String,
        /// Functions that the module exports: those whose names are like it, the nearest first, or
        /// if there are none, the first few.
        nearest: Vec<String>,
        /// How many functions the module exports.
        functions: usize,
    },
    /// The export is no function.
    #[error(
        "the guest's export `{}` is a {kind} and no function{}",
        message::escaped(.name), advice(.kind)
    )]
    NotAFunction {
        /// The name that was asked for.
        name: String,
        /// What it is: `memory`, `table`, `global` or `tag`.
        kind: &'static str,
    },
    /// The function has another type.
    #[error(
        "the guest's `{}` is {found}, and was asked for with another type: {reason}",
        message::escaped(.name)
    )]
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

fn advice(kind: &str) -> &'static str {
    match kind {
        "memory" => "; read it by `Instance::memory`",
        _ => "; get it by `Instance::raw`",
    }
}

impl ExportError {
    #[cold]
    pub(super) fn missing(module: &Module, name: &str) -> Self {
        let kind = match module.get_export(name) {
            Some(ExternType::Memory(_)) => Some("memory"),
            Some(ExternType::Table(_)) => Some("table"),
            Some(ExternType::Global(_)) => Some("global"),
            Some(ExternType::Tag(_)) => Some("tag"),
            Some(ExternType::Func(_)) | None => None,
        };
        if let Some(kind) = kind {
            let name = name.to_owned();
            return Self::NotAFunction { name, kind };
        }
        let (nearest, functions) = FunctionNames::of(module).nearest(name);
        Self::Missing {
            name: name.to_owned(),
            nearest,
            functions,
        }
    }

    #[cold]
    pub(super) fn wrong_type(name: &str, found: &FuncType, reason: &wasmtime::Error) -> Self {
        Self::WrongType {
            name: name.to_owned(),
            found: message::shortened(message::func_type(found.params(), found.results())),
            reason: message::shortened(format!("{reason:#}")),
        }
    }
}

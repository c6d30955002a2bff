//! Exported functions of a guest.

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

/// The parameters of an exported function: a number, a reference, or a tuple of those.
///
/// This is Wasmtime's [`WasmParams`], with a better error of rustc for other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a function of a guest",
    label = "these are not parameters of a WebAssembly function",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `V128`, a reference such as \
        `Option<Func>`, or a tuple of those; `()` for none",
    note = "text and bytes are passed as a pointer and a length: write them to memory that the \
        guest has allocated, with `Instance::write`"
)]
pub trait ExportParams: WasmParams {}

#[diagnostic::do_not_recommend]
impl<P: WasmParams> ExportParams for P {}

/// The results of an exported function: a number, a reference, or a tuple of those.
///
/// This is Wasmtime's [`WasmResults`], with a better error of rustc for other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a function of a guest",
    label = "these are not results of a WebAssembly function",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `V128`, a reference such as \
        `Option<Func>`, or a tuple of those; `()` for none",
    note = "text and bytes are returned as a pointer and a length: read them from guest memory \
        with `Instance::read`"
)]
pub trait ExportResults: WasmResults {}

#[diagnostic::do_not_recommend]
impl<R: WasmResults> ExportResults for R {}

/// An exported function of an instance, to be called any number of times.
///
/// [`Instance::func`] returns one.
pub struct ExportedFunc<P, R> {
    pub(super) func: TypedFunc<P, R>,
    /// The instance that it belongs to.
    pub(super) instance: InstanceId,
}

impl<P: ExportParams, R: ExportResults> ExportedFunc<P, R> {
    /// Calls the function. `instance` is the one that the function was taken from.
    ///
    /// # Errors
    ///
    /// A trap, with the guest's backtrace; if a host function failed, the error can be downcast to
    /// its error. [`WrongStoreError`] if the function belongs to another instance.
    /// [`MissingStateError`](crate::errors::MissingStateError) if a state was taken out of the
    /// store.
    ///
    /// # Panics
    ///
    /// If a host function panics.
    pub fn call(&self, instance: &mut Instance, params: P) -> anyhow::Result<R> {
        let store = instance.store_to_call(self.instance)?;
        match catch_unwind(AssertUnwindSafe(|| self.func.call(store, params))) {
            Ok(returned) => Ok(returned?),
            Err(panic) => {
                // A host function may have taken a state out that another one needs.
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
        /// The name that was looked up.
        name: String,
        /// Functions that the module exports: those whose names are like it, the nearest first, or
        /// if there are none, the first few.
        nearest: Vec<String>,
        /// How many functions the module exports.
        functions: usize,
    },
    /// The export is not a function.
    #[error(
        "the guest's export `{}` is a {kind}, not a function{}",
        message::escaped(.name), advice(.kind)
    )]
    NotAFunction {
        /// The name that was looked up.
        name: String,
        /// What it is: `memory`, `table`, `global` or `tag`.
        kind: &'static str,
    },
    /// The function has another type.
    #[error(
        "the guest's `{}` is {found}, but another type was requested: {reason}",
        message::escaped(.name)
    )]
    WrongType {
        /// The function's name.
        name: String,
        /// Its type in the text format.
        found: String,
        /// Wasmtime's description of the difference.
        reason: String,
    },
    /// It was looked up with an instance that it does not belong to.
    #[error(transparent)]
    WrongStore(#[from] WrongStoreError),
}

fn advice(kind: &str) -> &'static str {
    match kind {
        "memory" => "; read it with `Instance::memory`",
        _ => "; get it with `Instance::raw`",
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

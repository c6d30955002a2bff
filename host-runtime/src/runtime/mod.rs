//! From a module to an instance that runs.

mod builder;
mod export;
mod prepared;
mod provided;
mod run_error;
mod running;
mod runtime;
mod source;
mod store_error;

pub use self::{
    builder::{BuildError, RuntimeBuilder, StateCloneError},
    export::{ExportError, ExportParams, ExportResults, ExportedFunc},
    prepared::Prepared,
    provided::Provided,
    run_error::NothingToRunError,
    running::{Instance, JoinedInstance},
    runtime::{OtherEngineError, Runtime},
    source::NoModuleError,
    store_error::WrongStoreError,
};

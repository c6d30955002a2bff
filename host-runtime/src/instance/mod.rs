//! From a module to an instance that runs.

mod builder;
mod export;
mod prepared;
mod provided;
mod running;
mod runtime;
mod store_error;

pub use self::{
    builder::RuntimeBuilder,
    export::{ExportError, ExportedFunc},
    prepared::Prepared,
    provided::Provided,
    running::{Instance, JoinedInstance},
    runtime::Runtime,
    store_error::WrongStoreError,
};

//! Host functions for WebAssembly guests, from ordinary Rust functions.

mod call;
mod error;
mod instance;
mod linker;
mod memory;
mod registry;
mod state;
mod text;
mod values;

pub use wasmtime;

pub use host_macros::wasm_import;

#[cfg(feature = "collect")]
pub use self::registry::CollectError;
pub use self::{
    call::Call,
    error::{BadValue, HostCallError},
    instance::{ExportError, ExportedFunc, Instance, Prepared, Runtime, RuntimeBuilder},
    linker::{Import, LinkError, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
    memory::{GuestMemory, NoMemory},
    registry::{DuplicateImports, HostFunction, Imports, Location, Parameter},
    state::{DEFAULT_COPY_BUDGET, HostData, MissingState},
    values::{CoreType, CoreTypes, CoreValues, Element, FromGuest, GuestSize, IntoGuest, Nullable},
};

/// What the attribute's expansions and this crate's macros name. Not public interface.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "collect")]
    pub use crate::registry::{Anchor, Collected};
    pub use crate::{
        call::Call,
        linker::{CallerCall, CallerData, CallerShim, Shim},
        registry::{
            Entry, HostFunction, HostImports, NotLowered, Parameter, Probe, Record, StateNeed,
            listed,
        },
    };
    #[cfg(feature = "collect")]
    pub use inventory;
    pub use wasmtime;

    pub use crate::__collect as collect;
}

/// Adds functions to those that are collected at link time.
#[cfg(feature = "collect")]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($functions:expr) => {
        $crate::__private::inventory::submit! { $crate::__private::Collected($functions) }
    };
}

/// Nothing is collected at link time.
#[cfg(not(feature = "collect"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($functions:expr) => {};
}

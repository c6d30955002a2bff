//! Host functions for WebAssembly guests, from ordinary Rust functions.
//!
//! Annotate functions with [`#[wasm_import]`](macro@wasm_import) and run guests with a [`Runtime`],
//! or put the functions into a `Linker` of your own by [`Imports::add_to_linker`]:
//!
//! ```standalone_crate
//! use host_runtime::{Runtime, wasm_import};
//!
//! #[wasm_import(module = "ffi")]
//! fn print(text: &str) {
//!     println!("{text}");
//! }
//!
//! fn main() -> anyhow::Result<()> {
//!     Runtime::new()?.run(
//!         r#"(module
//!             (import "ffi" "print" (func $print (param i32 i32)))
//!             (memory (export "memory") (data "hello"))
//!             (func $main (call $print (i32.const 0) (i32.const 5)))
//!             (start $main))"#,
//!     )
//! }
//! ```
//!
//! The chapters of [`docs`] are the guide. [`docs::types`] lists the types of parameters and
//! results, which implement [`FromGuest`] and [`IntoGuest`]. A function that calls the guest back
//! takes a [`Guest`]. Guests hold values of the host by [`HostObject`] or [`Handle`]. [`MockGuest`]
//! calls functions in unit tests. To enable features of Wasmtime, depend on `wasmtime` as well.
//!
//! # Errors
//!
//! Programs and host functions get [`anyhow::Result`]: from [`Runtime`], [`Instance`], [`Guest`]
//! and [`MockGuest`]. Such an error can be downcast to the types of [`errors`], to [`ValueError`],
//! to [`HostCallError`], to Wasmtime's `Trap`, and to the error that a host function has returned.
//! The traits that convert values, and closures that Wasmtime calls, return `wasmtime::Result`.
//!
//! # Features
//!
//! * `collect`, on by default: link-time collection, [`Imports::collected`] and [`link!`].
//! * `wat`, on by default: modules in the text format.

mod abi;
mod call;
mod convert;
mod error;
mod exports;
mod guest;
mod hostcall;
mod linker;
mod memory;
mod message;
mod registry;
mod runtime;
mod store;
mod testing;
mod typed_exports;

pub use wasmtime;

/// For C-like enums and newtypes:
///
/// ```
/// use host_runtime::{FromGuest, IntoGuest, Runtime, imports, wasm_import};
///
/// #[derive(Clone, Copy, FromGuest, IntoGuest)]
/// #[repr(u8)]
/// enum Level {
///     Info = 1,
///     Warning = 2,
/// }
///
/// #[derive(FromGuest)]
/// struct Name<'a>(&'a str);
///
/// #[wasm_import]
/// fn log(level: Level, name: Name<'_>) -> Level {
///     println!("{}: {}", level as u8, name.0);
///     level
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let mut guest = Runtime::builder().imports(imports![log]).build()?.instantiate(r#"(module
///     (import "env" "log" (func $log (param i32 i32 i32) (result i32)))
///     (memory (export "memory") (data "disk"))
///     (func (export "run") (param i32) (result i32)
///         (call $log (local.get 0) (i32.const 0) (i32.const 4))))"#)?;
/// assert_eq!(guest.call::<i32, i32>("run", 2)?, 2);
/// let error = guest.call::<i32, i32>("run", 3).unwrap_err();
/// assert!(format!("{error:#}").contains("3 is not a valid `Level`"));
/// # Ok(())
/// # }
/// ```
pub use host_macros::{FromGuest, IntoGuest};
pub use host_macros::{PlainData, ResultCode, wasm_export, wasm_import};

pub use self::{
    abi::GuestSize,
    convert::{
        Allocated, ErrorCode, FromGuest, FromGuestOwned, HostObject, IntoGuest, PlainData,
        ResultCode,
    },
    error::ValueError,
    guest::{AsGuest, Callback, CallbackRef, ExportedFunc, Guest, GuestPointer, GuestSlice},
    hostcall::HostCallError,
    linker::LinkReport,
    registry::Imports,
    runtime::{
        Instance, InstancePre, ProvidedImport, Runtime, RuntimeBuilder, SharedStoreGuest,
        SharedStoreInstance,
    },
    store::{
        DEFAULT_CALL_DEPTH, DEFAULT_COPY_BUDGET, DEFAULT_LIST_LIMIT, DEFAULT_TEXT_LIMIT, Handle,
        Handles, HostData,
    },
    testing::MockGuest,
    typed_exports::GuestExports,
};

/// Types of parameters and results besides those that the crate root has, and the traits of types
/// of your own.
pub mod values {
    pub use crate::{
        abi::{Allocation, CoreResults, CoreType, CoreTypes, CoreValues, Pins},
        call::Call,
        convert::{
            AssemblyScriptNew, AssemblyScriptStr, AssemblyScriptString, CabiRealloc, GlobalValue,
            GuestAllocator, GuestDeallocator, GuestLayout, Indirect, LastReturnPointer, Malloc,
            Nullable, OutBuffer, Place, Placed, Pointee, PointerHigh, PointerLow, ReturnPointer,
            ReturnedPointee, SliceList, SliceParameter, SuccessValue, TrapError, Utf16,
            WbindgenMalloc,
        },
        guest::Callable,
        memory::GuestMemory,
    };
}

/// Errors besides [`ValueError`] and [`HostCallError`].
pub mod errors {
    #[cfg(feature = "collect")]
    pub use crate::registry::CollectError;
    pub use crate::{
        error::{
            AllocationError, CallbackError, ExportError, GuestCallError, NoMemoryError,
            NoTableError, WrongStoreError,
        },
        exports::ReservedExportError,
        linker::LinkError,
        registry::DuplicateImportsError,
        runtime::{
            BuildError, InvalidModuleError, NoModuleError, NothingToRunError, OtherEngineError,
            StateCloneError,
        },
        store::{HandleError, MissingStateError},
        typed_exports::BindError,
    };
}

/// The parts of a [`LinkReport`].
pub mod report {
    pub use crate::linker::{
        AmbiguousImport, Import, Mismatch, MismatchRow, MissingImport, NearMiss,
    };
}

/// The annotated functions and globals of a set of [`Imports`], and the exports that traits
/// declare.
pub mod items {
    pub use crate::registry::{
        GlobalImport, HostFunction, HostGlobal, HostImport, Location, MutableGlobal, Parameter,
    };
    pub use crate::typed_exports::{DeclaredExport, ExportFault, ExportParameter, ExportSet};
}

#[doc(hidden)]
#[path = "macro_support.rs"]
pub mod __private;

/// Collects imports at link time.
#[cfg(feature = "collect")]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($way:ident($imports:expr)) => {
        $crate::__private::inventory::submit! { $crate::__private::Collected::$way($imports) }
    };
}

/// Expands to nothing, since nothing is collected at link time.
#[cfg(not(feature = "collect"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($way:ident($imports:expr)) => {};
}

/// The guide: each module is a chapter. The files are in the folder `docs`.
pub mod docs {
    /// Makes a module of a file. A link to another file goes to its module here, because Markdown
    /// uses the first definition of a link.
    macro_rules! chapters {
        ($($name:ident: $file:literal,)*) => {$(
            #[doc = "[Types]: crate::docs::types"]
            #[doc = "[The attribute]: crate::docs::attribute"]
            #[doc = "[State]: crate::docs::state"]
            #[doc = "[Calling the guest]: crate::docs::calling_the_guest"]
            #[doc = "[Embedding]: crate::docs::embedding"]
            #[doc = ""]
            #[doc = include_str!(concat!("../docs/", $file))]
            pub mod $name {}
        )*};
    }

    chapters! {
        types: "types.md",
        attribute: "attribute.md",
        state: "state.md",
        calling_the_guest: "calling-the-guest.md",
        porting_an_npm_module: "porting-an-npm-module.md",
        embedding: "embedding.md",
        memory_and_safety: "memory-and-safety.md",
        testing: "testing.md",
        costs: "costs.md",
        limits: "limits.md",
    }
}

/// Compiles and runs the programs of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

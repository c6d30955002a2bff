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
//! The chapters of [`docs`] have the tables of types and a tour. The implementors of [`FromGuest`]
//! and [`IntoGuest`] are those types. Functions that call the guest back take [`Guest`]; guests
//! hold values of the host by [`HostObject`] or [`Handle`]; [`MockGuest`] calls functions in unit
//! tests. Embedders choose Wasmtime's features by depending on `wasmtime` beside this crate.
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
/// assert!(format!("{error:#}").contains("3 is not in the numbers of `Level`, Info, Warning"));
/// # Ok(())
/// # }
/// ```
pub use host_macros::{FromGuest, IntoGuest};
pub use host_macros::{PlainData, ResultCode, wasm_import};

#[cfg(feature = "collect")]
pub use self::registry::CollectError;
pub use self::{
    abi::{CoreResults, CoreType, CoreTypes, CoreValues, GuestSize},
    call::Call,
    convert::{
        Allocated, AssemblyScriptNew, AssemblyScriptStr, AssemblyScriptString, BesideCode,
        CabiRealloc, ErrorCode, FromGuest, GlobalValue, GuestAllocator, GuestLayout, HostObject,
        Indirect, IntoGuest, LastReturnPointer, Malloc, Nullable, OutBuffer, PlainData,
        PointerHigh, PointerLow, ResultCode, ReturnPointer, Returned, SliceList, Sliced, TrapError,
        Utf16, WbindgenMalloc,
    },
    error::{
        AllocationError, CallbackError, GuestCallError, NoMemoryError, NoTableError, ValueError,
    },
    exports::ReservedExportError,
    guest::{Callable, Callback, CallbackRef, Guest, GuestPointer, GuestSlice},
    hostcall::HostCallError,
    linker::{Import, LinkError, LinkReport, Mismatch, MismatchRow, MissingImport, NearMiss},
    memory::GuestMemory,
    registry::{
        AnnotatedGlobal, DuplicateImportsError, HostFunction, HostGlobal, HostImport, Imports,
        Location, MutableGlobal, Parameter,
    },
    runtime::{
        BuildError, ExportError, ExportParams, ExportResults, ExportedFunc, Instance, InstancePre,
        InvalidModuleError, NoModuleError, NothingToRunError, OtherEngineError, ProvidedImport,
        Runtime, RuntimeBuilder, SharedStoreInstance, StateCloneError, WrongStoreError,
    },
    store::{
        DEFAULT_CALL_DEPTH, DEFAULT_COPY_BUDGET, DEFAULT_LIST_LIMIT, DEFAULT_TEXT_LIMIT, Handle,
        HandleError, Handles, HostData, MissingStateError,
    },
    testing::MockGuest,
};

#[doc(hidden)]
#[path = "macro_support.rs"]
pub mod __private;

/// Adds items to those that are collected at link time.
#[cfg(feature = "collect")]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($imports:expr) => {
        $crate::__private::inventory::submit! { $crate::__private::Collected($imports) }
    };
}

/// Nothing is collected at link time.
#[cfg(not(feature = "collect"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($imports:expr) => {};
}

/// The guide, a chapter in each module. Their files are in the folder `docs`.
pub mod docs {
    /// A chapter from its file. Where its links go to other files, here they go to their modules:
    /// of several definitions of a link Markdown takes the first.
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

/// The README's programs, to be compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

//! The attribute and the derives of `host-runtime`. Depend on that crate, which re-exports them.
//!
//! An annotated item goes one way: `attribute` reads the arguments, `item` splits the item,
//! `model` makes a host function of each signature, `check` says what is wrong with it, and
//! `expand` writes the records and shims.

use proc_macro::TokenStream;

mod attribute;
mod check;
mod derive;
mod expand;
mod imports;
mod item;
mod model;
#[cfg(test)]
mod tests;
mod tokens;

use derive::Derive;

/// Makes host functions of ordinary ones, and globals of constants and statics: guests import them,
/// and [`Runtime`](../host_runtime/struct.Runtime.html) finds them.
///
/// The item itself stays as it is and can be used from Rust. Put the attribute on
///
/// * a function, whatever its visibility;
/// * an inline `mod`: every function in it, private ones too, and in the modules in it but for
///   those with `#[cfg(test)]`;
/// * an `impl` block: its methods, whose `&self` or `&mut self` is the host state of that type.
///   Functions without `self` are left alone. `imports!` knows one such block by the type, and
///   others by the names that `group = Name` gives them;
/// * a `const`, a global that never changes, or a `static`, one that the guest may change, also in
///   an annotated `mod`. See [`HostGlobal`](../host_runtime/struct.HostGlobal.html).
///
/// # Arguments
///
/// | argument | meaning | without it |
/// |---|---|---|
/// | `module = "…"` | the module that guests import from, any string | `env`, as C and Rust guests have it |
/// | `name = "…"` | the name that guests import, any string; for one item | the item's name |
/// | `rename_all = "…"` | the case of the names: `camelCase`, `PascalCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`, `lowercase` or `UPPERCASE` | as in Rust |
/// | `memory = "…"` | the export that is the guest's memory | the only memory that is exported, or `memory` |
/// | `table = "…"` | the export that is the guest's table of functions, for callbacks | `__indirect_function_table`, `table`, or the only one |
/// | `crate = path` | where `host_runtime` is, for a crate that re-exports it | `::host_runtime` |
/// | `group = Name` | a name for an `impl` block, of which `imports!` lists `Name` | the type of the block |
/// | `skip` | on something in a `mod` or `impl`: no host function, or none in it | |
///
/// In a `mod` or an `impl`, an item's own `#[wasm_import(…)]` overrides. So does that of a module
/// or an `impl` block in an annotated `mod`.
///
/// # Parameters
///
/// `#[state] name: &T` and `#[state] name: &mut T` borrow the host state of type `T`; a guest does
/// not pass them. Nor does it pass a parameter of Wasmtime's type `Caller<'_, T>`, which is for
/// linkers with store data `T`, nor `Guest<'_>`, by which a function calls the guest back, whatever
/// the store's data; should the type have another name, write `#[caller]` or `#[guest]` before the
/// parameter. Beside them nothing can be borrowed.
///
/// # Names
///
/// For [`imports!`](../host_runtime/macro.imports.html), a function or global `f` gets a companion
/// type that is called `f` too. So no type or module beside it can have that name.
#[proc_macro_attribute]
pub fn wasm_import(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), item.into()).into()
}

/// What `host_runtime::imports!` expands to: its list behind the path of the crate and a semicolon.
#[doc(hidden)]
#[proc_macro]
pub fn imports(list: TokenStream) -> TokenStream {
    imports::expand(list.into()).into()
}

/// Makes a parameter of a C-like enum or a newtype; with `#[derive(IntoGuest)]`, a result of it.
///
/// An enum is passed as the integer of its `#[repr(…)]`, or as an `i32` without one; a number that
/// no variant has is a trap, unless the last variant is `#[guest(other)] Other(i32)`, which holds
/// it then. A newtype is passed as its field is, which may borrow.
///
/// A crate that re-exports `host_runtime` is named by `#[guest(crate = path)]`.
#[proc_macro_derive(FromGuest, attributes(guest))]
pub fn from_guest(item: TokenStream) -> TokenStream {
    derive::derive(Derive::FromGuest, item.into()).into()
}

/// Makes a result of a C-like enum or a newtype; see [`FromGuest`](macro@FromGuest).
#[proc_macro_derive(IntoGuest, attributes(guest))]
pub fn into_guest(item: TokenStream) -> TokenStream {
    derive::derive(Derive::IntoGuest, item.into()).into()
}

/// Makes result codes of the variants of an error, for functions that return `Result<R,
/// ErrorCode<E>>`.
///
/// Each variant has its code, `#[guest(code = -2)]` or a discriminant of its own, or is
/// `#[guest(trap)]` and ends the guest. 0 is no code, since it says that all is well.
///
/// A crate that re-exports `host_runtime` is named by `#[guest(crate = path)]`.
#[proc_macro_derive(ResultCode, attributes(guest))]
pub fn result_code(item: TokenStream) -> TokenStream {
    derive::derive(Derive::ResultCode, item.into()).into()
}

/// Makes plain data of a struct, to be borrowed from the guest's memory; see
/// [`PlainData`](../host_runtime/trait.PlainData.html).
///
/// The struct is `Copy` and `#[repr(C)]` or `#[repr(transparent)]`, its fields are plain data, and
/// where C leaves bytes between two of them or after the last one, there is a field for those.
///
/// A crate that re-exports `host_runtime` is named by `#[guest(crate = path)]`.
#[proc_macro_derive(PlainData, attributes(guest))]
pub fn plain_data(item: TokenStream) -> TokenStream {
    derive::derive(Derive::PlainData, item.into()).into()
}

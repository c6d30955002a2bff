//! The attribute and the derives of `host-runtime`. Depend on that crate, which re-exports them.
//!
//! The steps of an expansion: `attribute` parses the arguments, `item` parses the item, `model`
//! makes a host function of each signature, `check` reports errors, and `expand` writes the records
//! and shims.

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

/// Makes host functions of functions, and globals of constants and statics. Guests import them from
/// a [`Runtime`](../host_runtime/struct.Runtime.html).
///
/// The item itself is not changed and can be used from Rust. Put the attribute on
///
/// * a function, whatever its visibility;
/// * an inline `mod`: every function in it, private ones too, and in the modules in it but for
///   those with `#[cfg(test)]`;
/// * an `impl` block: its methods, whose `&self` or `&mut self` is the host state of that type.
///   Functions without `self` are left alone. `imports!` knows one such block by the type, and
///   others by the names that `group = Name` gives them;
/// * a `const`, for an immutable global, or a `static`, for one that guests may change, also in an
///   annotated `mod`. See [`HostGlobal`](../host_runtime/items/struct.HostGlobal.html).
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
/// In a `mod` or an `impl`, an item's own `#[wasm_import(…)]` overrides the arguments of the group.
/// So does that of a module or an `impl` block in an annotated `mod`.
///
/// # Parameters
///
/// Guests do not pass these parameters: `#[state] name: &T` and `#[state] name: &mut T` borrow the
/// host state of type `T`. Wasmtime's `Caller<'_, T>` is for linkers with the store data `T`. By
/// `Guest<'_>` a function calls the guest back, for any store data. If one of these two types has
/// another name in your code, write `#[caller]` or `#[guest]` before the parameter. Other
/// parameters cannot borrow from the guest or the host beside them.
///
/// # Names
///
/// For [`imports!`](../host_runtime/macro.imports.html), a function or global `f` gets a companion
/// type that is called `f` too. So no type or module beside it can have that name.
#[proc_macro_attribute]
pub fn wasm_import(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), item.into()).into()
}

/// Expands `host_runtime::imports!`. The input is the path of the crate, a semicolon, and the list.
#[doc(hidden)]
#[proc_macro]
pub fn imports(list: TokenStream) -> TokenStream {
    imports::expand(list.into()).into()
}

/// Allows a C-like enum or a newtype as a parameter, and, with `#[derive(IntoGuest)]`, as a result.
///
/// An enum is passed as the integer of its `#[repr(…)]`, or as an `i32` without one. A number
/// without a variant traps, unless the last variant is `#[guest(other)] Other(i32)`, which gets the
/// number. A newtype is passed as its field, which may borrow.
///
/// A crate that re-exports `host_runtime` is named by `#[guest(crate = path)]`.
#[proc_macro_derive(FromGuest, attributes(guest))]
pub fn from_guest(item: TokenStream) -> TokenStream {
    derive::derive(Derive::FromGuest, item.into()).into()
}

/// Allows a C-like enum or a newtype as a result; see [`FromGuest`](macro@FromGuest).
#[proc_macro_derive(IntoGuest, attributes(guest))]
pub fn into_guest(item: TokenStream) -> TokenStream {
    derive::derive(Derive::IntoGuest, item.into()).into()
}

/// Gives the variants of an error result codes, for functions that return `Result<R,
/// ErrorCode<E>>`.
///
/// Each variant has a code, by `#[guest(code = -2)]` or by its discriminant, or is `#[guest(trap)]`
/// and traps. 0 is not a code, because it means success.
///
/// A crate that re-exports `host_runtime` is named by `#[guest(crate = path)]`.
#[proc_macro_derive(ResultCode, attributes(guest))]
pub fn result_code(item: TokenStream) -> TokenStream {
    derive::derive(Derive::ResultCode, item.into()).into()
}

/// Allows a struct to be borrowed from guest memory as plain data; see
/// [`PlainData`](../host_runtime/trait.PlainData.html).
///
/// The struct is `Copy` and `#[repr(C)]` or `#[repr(transparent)]`. Its fields are plain data. It
/// has a field wherever C has padding.
///
/// A crate that re-exports `host_runtime` is named by `#[guest(crate = path)]`.
#[proc_macro_derive(PlainData, attributes(guest))]
pub fn plain_data(item: TokenStream) -> TokenStream {
    derive::derive(Derive::PlainData, item.into()).into()
}

//! The attribute macro and the derive macros of `host-runtime`. Depend on that crate, which
//! re-exports them.
//!
//! An expansion has these steps: `attribute` parses the arguments, `item` parses the item, `model`
//! converts each signature to a host function, `check` reports errors, and `expand` writes the
//! records and shims.

use proc_macro::TokenStream;

mod attribute;
mod check;
mod derive;
mod expand;
mod export;
mod imports;
mod item;
mod model;
mod names;
#[cfg(test)]
mod tests;
mod tokens;

use derive::Derive;

/// Turns functions into host functions, and constants and statics into globals. Guests import them
/// from a [`Runtime`](../host_runtime/struct.Runtime.html).
///
/// The attribute does not change the item, which can still be used from Rust. Put the attribute on
/// one of these items:
///
/// * A function with any visibility.
/// * An inline `mod`. All functions in it become host functions, including private functions and
///   functions in nested modules, except modules with `#[cfg(test)]`.
/// * An `impl` block. Its methods become host functions, and `&self` or `&mut self` is the host
///   state of that type. Functions without `self` are ignored, unless they have their own
///   attribute. In `imports!`, the type names one annotated block; further blocks of the type need
///   a name from `group = Name`.
/// * A `const` for an immutable global, or a `static` for a mutable global. In an annotated `mod`,
///   these items need their own attribute. See
///   [`HostGlobal`](../host_runtime/items/struct.HostGlobal.html).
///
/// # Arguments
///
/// | argument | meaning | without it |
/// |---|---|---|
/// | `module = "…"` | the module name of the imports, any string | `env`, the default of C and Rust guests |
/// | `name = "…"` | the import name of a single item, any string; for a function, each `*` in it stands for any characters | the item's name |
/// | `names = ["…", "…"]` | several import names of a single function, each as in `name` | |
/// | `prefix = "…"` | is put before each import name, also before those of `name` and `names` | no prefix |
/// | `rename_all = "…"` | the case of the import names: `camelCase`, `PascalCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`, `lowercase` or `UPPERCASE` | as in Rust |
/// | `memory = "…"` | the export name of the guest's memory | the only exported memory, or `memory` |
/// | `table = "…"` | the export name of the guest's function table, for callbacks | `__indirect_function_table`, `table`, or the only exported table |
/// | `crate = path` | the path of `host_runtime`, for a crate that re-exports it | `::host_runtime` |
/// | `group = Name` | a name for an `impl` block, to be written in `imports!` | the type of the block |
/// | `skip` | excludes an item in a `mod` or `impl`, and everything in it | |
///
/// In an annotated `mod` or `impl`, an item's own `#[wasm_import(…)]` overrides the arguments of
/// the group: `prefix = ""` leaves out the prefix of the group, for example. In an annotated `mod`,
/// this includes nested modules and `impl` blocks.
///
/// # Parameters
///
/// The guest does not pass the following parameters:
///
/// * `#[state] name: &T` and `#[state] name: &mut T` borrow the host state of type `T`.
/// * Wasmtime's `Caller<'_, T>` is for linkers with the store data `T`.
/// * With `Guest<'_>`, a function calls the guest back. It works with any store data.
///
/// If `Caller` or `Guest` has another name in your code, write `#[caller]` or `#[guest]` before the
/// parameter. A function that takes one of them cannot borrow from the guest or the host in its
/// other parameters.
///
/// # Names
///
/// For [`imports!`](../host_runtime/macro.imports.html), a function or global `f` gets a companion
/// type that is also called `f`. Therefore no other type or module in the same module can have this
/// name.
#[proc_macro_attribute]
pub fn wasm_import(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), item.into()).into()
}

/// Declares the exports of a guest, with their types. The trait becomes a type of the same name,
/// and each function becomes a method that takes the guest as its first argument.
///
/// [`Instance::exports`](../host_runtime/struct.Instance.html#method.exports) and
/// [`Guest::exports`](../host_runtime/struct.Guest.html#method.exports) check all declared exports
/// and return a value of that type. The chapter
/// [`calling_the_guest`](../host_runtime/docs/calling_the_guest/index.html) has examples.
///
/// # Arguments
///
/// | on the trait | |
/// |---|---|
/// | `rename_all = "camelCase"` | the case of the names |
/// | `prefix = "ts_"` | stands before each name |
/// | `allocator = Malloc` | allocates memory for arguments that are references, and frees it |
/// | `crate = path` | the path of `host_runtime`, if another crate re-exports it |
///
/// | on a function | |
/// |---|---|
/// | `name = "version"` | the name of the export |
/// | `global` | a global: the function returns its value, or takes a new one |
#[proc_macro_attribute]
pub fn wasm_export(arguments: TokenStream, item: TokenStream) -> TokenStream {
    export::expand(arguments.into(), item.into()).into()
}

/// Expands `host_runtime::imports!`. The input is the path of the crate, a semicolon, and the list
/// of items.
#[doc(hidden)]
#[proc_macro]
pub fn imports(list: TokenStream) -> TokenStream {
    imports::expand(list.into()).into()
}

/// Allows a C-like enum or a newtype as a parameter. For results, derive
/// [`IntoGuest`](macro@IntoGuest) as well.
///
/// An enum is passed as the integer type of its `#[repr(…)]`, or as an `i32` without it. If no
/// variant has the number, the call traps. If the last variant is `#[guest(other)] Other(i32)`, it
/// holds such a number instead. A newtype is passed as its field, which may borrow from the guest.
///
/// If another crate re-exports `host_runtime`, name its path with `#[guest(crate = path)]`.
#[proc_macro_derive(FromGuest, attributes(guest))]
pub fn from_guest(item: TokenStream) -> TokenStream {
    derive::derive(Derive::FromGuest, item.into()).into()
}

/// Allows a C-like enum or a newtype as a result; see [`FromGuest`](macro@FromGuest).
#[proc_macro_derive(IntoGuest, attributes(guest))]
pub fn into_guest(item: TokenStream) -> TokenStream {
    derive::derive(Derive::IntoGuest, item.into()).into()
}

/// Gives each variant of an error enum a result code, for functions that return
/// `Result<R, ErrorCode<E>>`.
///
/// The code of a variant is that of `#[guest(code = -2)]`, or else its discriminant. A variant with
/// `#[guest(trap)]` traps instead. 0 cannot be a code, because it means success.
///
/// If another crate re-exports `host_runtime`, name its path with `#[guest(crate = path)]`.
#[proc_macro_derive(ResultCode, attributes(guest))]
pub fn result_code(item: TokenStream) -> TokenStream {
    derive::derive(Derive::ResultCode, item.into()).into()
}

/// Allows a struct to be borrowed from guest memory as plain data; see
/// [`PlainData`](../host_runtime/trait.PlainData.html).
///
/// The struct must be `Copy`, and `#[repr(C)]` or `#[repr(transparent)]`. Its fields must be plain
/// data. It must not have padding: write a field in place of the padding that C would add.
///
/// If another crate re-exports `host_runtime`, name its path with `#[guest(crate = path)]`.
#[proc_macro_derive(PlainData, attributes(guest))]
pub fn plain_data(item: TokenStream) -> TokenStream {
    derive::derive(Derive::PlainData, item.into()).into()
}

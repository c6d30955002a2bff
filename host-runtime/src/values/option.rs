//! Parameters that a guest may leave out, by a null pointer.

use crate::{
    call::Call,
    values::{Element, FromGuest, GuestSize},
};

/// A parameter with a pointer in it: as an `Option`, a pointer of 0 is `None`.
///
/// Implement it beside [`FromGuest`] to allow `Option` of a type of your own.
#[diagnostic::on_unimplemented(
    message = "an `Option` parameter of a host function needs a pointer in it, and `{Self}` has none",
    label = "no value of this stands for `None`",
    note = "write an `Option` of `&str`, `String`, `Vec<u8>`, or a slice; for other types take a `bool` beside the value"
)]
pub trait Nullable<'a>: FromGuest<'a> {
    /// Whether the guest passed a null pointer.
    fn is_null(wasm: &Self::Wasm) -> bool;
}

macro_rules! nullable {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<'a, $($generics)*> Nullable<'a> for $ty {
            #[inline]
            fn is_null(&(pointer, _): &(GuestSize, GuestSize)) -> bool {
                pointer.0 == 0
            }
        }
    )*};
}

nullable! {
    [] &'a str;
    [] String;
    [T: Element] &'a [T];
    [T: Element] &'a mut [T];
    [T: Element] Vec<T>;
}

impl<'a, T: Nullable<'a>> FromGuest<'a> for Option<T> {
    type Wasm = T::Wasm;
    const MEMORY: bool = T::MEMORY;

    #[inline]
    fn from_guest(wasm: T::Wasm, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        if T::is_null(&wasm) {
            return Ok(None);
        }
        T::from_guest(wasm, call).map(Some)
    }
}

//! Optional parameters, for which a guest passes a null pointer.

use std::ffi::{CStr, CString};

use crate::{
    call::Call,
    convert::{
        AssemblyScriptStr, FromGuest, Indirect, OutBuffer, PlainData, PointerHigh, PointerLow,
        SliceList, SliceParameter, Utf16, packed,
    },
};

/// A parameter with a pointer. As an `Option`, the null pointer 0 is `None`.
///
/// Implement it beside [`FromGuest`] to allow `Option` of a type of your own.
#[diagnostic::on_unimplemented(
    message = "an `Option` parameter of a host function must contain a pointer, and `{Self}` does \
        not",
    label = "no value of this type means `None`",
    note = "write an `Option` of `&str`, `String`, `Vec<u8>`, or a slice; for other types add a \
        `bool` parameter; for a newtype of a pointer implement `host_runtime::values::Nullable`",
    note = "a nullable reference is an `Option` of `Func`, `I31`, `Rooted<ExternRef>` or a \
        similar type"
)]
pub trait Nullable<'a>: FromGuest<'a> {
    /// Whether the guest passed a null pointer.
    fn is_null(wasm: &Self::Wasm) -> bool;
}

macro_rules! nullable {
    ($([$($generics:tt)*] $ty:ty, |$wasm:pat_param| $pointer:expr;)*) => {$(
        impl<'a, $($generics)*> Nullable<'a> for $ty {
            #[inline]
            fn is_null($wasm: &Self::Wasm) -> bool {
                *$pointer == 0
            }
        }
    )*};
}

nullable! {
    [] &'a str, |(pointer, _)| &pointer.0;
    [] String, |(pointer, _)| &pointer.0;
    [T: PlainData] &'a [T], |(pointer, _)| &pointer.0;
    [T: PlainData] &'a mut [T], |(pointer, _)| &pointer.0;
    [T: PlainData] Vec<T>, |(pointer, _)| &pointer.0;
    [] Utf16<'a>, |(pointer, _)| &pointer.0;
    [T: PlainData] &'a T, |pointer| &pointer.0;
    [T: PlainData] &'a mut T, |pointer| &pointer.0;
    [] &'a CStr, |pointer| &pointer.0;
    [] CString, |pointer| &pointer.0;
    [T: PlainData] OutBuffer<'a, T>, |(pointer, _)| &pointer.0;
    [T: SliceParameter<'a>] PointerLow<T>, |packed| &packed::low(*packed);
    [T: SliceParameter<'a>] PointerHigh<T>, |packed| &packed::high(*packed);
    [T: SliceParameter<'a>] Indirect<T>, |pointer| &pointer.0;
    [T: SliceParameter<'a>] SliceList<T>, |(pointer, _)| &pointer.0;
    [] AssemblyScriptStr<'a>, |pointer| pointer;
}

impl<'a, T: Nullable<'a>> FromGuest<'a> for Option<T> {
    type Wasm = T::Wasm;
    const VALID: () = T::VALID;
    const MEMORY: bool = T::MEMORY;

    #[inline]
    fn from_guest(wasm: T::Wasm, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        if T::is_null(&wasm) {
            return Ok(None);
        }
        T::from_guest(wasm, call).map(Some)
    }
}

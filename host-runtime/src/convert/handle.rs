//! Handles as parameters and results.

use crate::{
    call::Call,
    convert::{FromGuest, IntoGuest, Nullable},
    store::Handle,
};

impl<T> FromGuest<'_> for Handle<T> {
    type Wasm = u32;
    const INFALLIBLE: bool = true;

    #[inline]
    fn from_guest(number: u32, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(Self::from_number(number))
    }
}

impl<T> IntoGuest for Handle<T> {
    type Wasm = u32;
    const INFALLIBLE: bool = true;

    #[inline]
    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<u32> {
        Ok(self.number())
    }
}

impl<T> Nullable<'_> for Handle<T> {
    #[inline]
    fn is_null(number: &u32) -> bool {
        *number == 0
    }
}

//! Numbers, vectors, `bool` and `char`.

use wasmtime::V128;

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, IntoGuest},
    error::ValueError,
};

/// Types that are core values.
macro_rules! itself {
    ($($ty:ty)*) => {$(
        impl FromGuest<'_> for $ty {
            type Wasm = Self;
            const INFALLIBLE: bool = true;

            #[inline]
            fn from_guest(wasm: Self, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                Ok(wasm)
            }
        }

        impl IntoGuest for $ty {
            type Wasm = Self;
            const INFALLIBLE: bool = true;

            #[inline]
            fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                Ok(self)
            }
        }
    )*};
}

itself!(i32 u32 i64 u64 f32 f64 V128 GuestSize);

/// Integers that are smaller than an `i32`. Signed ones are passed sign-extended and unsigned
/// ones zero-extended, as the
/// [C ABI](https://github.com/WebAssembly/tool-conventions/blob/main/BasicCABI.md) has them.
macro_rules! small {
    ($($ty:ty: $range:literal)*) => {$(
        impl FromGuest<'_> for $ty {
            type Wasm = i32;

            #[inline]
            fn from_guest(wasm: i32, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                let invalid = |_| ValueError::invalid(wasm, stringify!($ty), $range).into();
                Self::try_from(wasm).map_err(invalid)
            }
        }

        impl IntoGuest for $ty {
            type Wasm = i32;
            const INFALLIBLE: bool = true;

            #[inline]
            fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<i32> {
                Ok(self.into())
            }
        }
    )*};
}

small! {
    i8: "-128 to 127"
    u8: "0 to 255"
    i16: "-32768 to 32767"
    u16: "0 to 65535"
}

impl FromGuest<'_> for bool {
    type Wasm = i32;

    #[inline]
    fn from_guest(wasm: i32, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        match wasm {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ValueError::invalid(wasm, "bool", "0 or 1").into()),
        }
    }
}

impl IntoGuest for bool {
    type Wasm = i32;
    const INFALLIBLE: bool = true;

    #[inline]
    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<i32> {
        Ok(self.into())
    }
}

impl FromGuest<'_> for char {
    type Wasm = u32;

    #[inline]
    fn from_guest(wasm: u32, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Self::from_u32(wasm).ok_or_else(|| {
            let expected = "a Unicode scalar value, 0 to 0xD7FF or 0xE000 to 0x10FFFF";
            ValueError::invalid(wasm, "char", expected).into()
        })
    }
}

impl IntoGuest for char {
    type Wasm = u32;
    const INFALLIBLE: bool = true;

    #[inline]
    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<u32> {
        Ok(self.into())
    }
}

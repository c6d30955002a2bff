//! Errors that the guest gets as codes.

use std::any::type_name;

use wasmtime::ValRaw;

use crate::{
    abi::{AddressType, CoreResults, CoreTypes, GuestSize, Slots, sealed},
    call::Call,
    convert::{
        IntoGuest, LastReturnPointer, Pointee, ReturnPointer,
        return_pointer::{AtFirst, AtLast},
    },
};

/// An error that the guest gets as a code. Other errors trap. It is the `E` of
/// `Result<R, ErrorCode<E>>`.
///
/// `R` is `()`, for which the guest gets 0; [`ReturnPointer`] or [`LastReturnPointer`], which are
/// written on success only, and for which it gets 0 as well; or a number that is not negative, if
/// all codes are negative.
///
/// ```
/// use host_runtime::{ErrorCode, ResultCode, Runtime, imports, wasm_import};
///
/// #[derive(Debug, thiserror::Error, ResultCode)]
/// enum ReadError {
///     #[error("there is no such file")]
///     #[guest(code = -2)]
///     NotFound,
///     #[error("the disk is gone")]
///     #[guest(trap)]
///     Disk(#[from] std::io::Error),
/// }
///
/// fn find(name: &str) -> Result<u32, ReadError> {
///     match name {
///         "readme" => Ok(7),
///         "disk" => Err(std::io::Error::other("no answer"))?,
///         _ => Err(ReadError::NotFound),
///     }
/// }
///
/// #[wasm_import(module = "fs")]
/// fn size(name: &str) -> Result<u32, ErrorCode<ReadError>> {
///     Ok(find(name)?)
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let mut guest = Runtime::builder().imports(imports![size]).build()?.instantiate(r#"(module
///     (import "fs" "size" (func $size (param i32 i32) (result i32)))
///     (memory (export "memory") (data "readmedisk"))
///     (export "size" (func $size)))"#)?;
/// assert_eq!(guest.call::<(u32, u32), i32>("size", (0, 6))?, 7);
/// assert_eq!(guest.call::<(u32, u32), i32>("size", (0, 5))?, -2);
/// let error = guest.call::<(u32, u32), i32>("size", (6, 4)).unwrap_err();
/// assert!(matches!(error.downcast_ref(), Some(ReadError::Disk(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode<E>(pub E);

impl<E> From<E> for ErrorCode<E> {
    fn from(error: E) -> Self {
        Self(error)
    }
}

/// An error whose variants have codes; derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no codes that a guest can get",
    label = "this error has no code",
    note = "derive `host_runtime::ResultCode` for an enum of your own, or write `Result<_, \
        {Self}>` to trap"
)]
pub trait ResultCode: Sized {
    /// All codes. None is 0.
    const CODES: &'static [i32];

    /// The code of this error.
    ///
    /// # Errors
    ///
    /// The error itself, if it traps.
    fn code(self) -> wasmtime::Result<i32>;
}

/// The types that a function can return on success, beside an [`ErrorCode`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be told apart from an error code",
    label = "a guest could mistake this for a code",
    note = "return `()`, `bool`, an integer of 8 to 64 bits, a `GuestSize`, a `ReturnPointer` or a \
        `LastReturnPointer`"
)]
pub trait SuccessValue {
    #[doc(hidden)]
    type Wasm: CoreResults;

    /// Whether all codes must be below 0.
    #[doc(hidden)]
    const NUMBER: bool;

    #[doc(hidden)]
    fn success(self, call: &mut Call<'_>) -> wasmtime::Result<Self::Wasm>;

    #[doc(hidden)]
    fn failure(code: i32) -> Self::Wasm;
}

impl SuccessValue for () {
    type Wasm = i32;
    const NUMBER: bool = false;

    fn success(self, _: &mut Call<'_>) -> wasmtime::Result<i32> {
        Ok(0)
    }

    fn failure(code: i32) -> i32 {
        code
    }
}

macro_rules! number {
    ($($ty:ty: $wasm:ty;)*) => {$(
        impl SuccessValue for $ty {
            type Wasm = $wasm;
            const NUMBER: bool = true;

            fn success(self, _: &mut Call<'_>) -> wasmtime::Result<$wasm> {
                let number = <$wasm>::try_from(i128::from(self)).ok();
                number.filter(|number| *number >= 0).ok_or_else(|| like_a_code(self.into()))
            }

            fn failure(code: i32) -> $wasm {
                code.into()
            }
        }
    )*};
}

number! {
    bool: i32;
    i8: i32;
    u8: i32;
    i16: i32;
    u16: i32;
    i32: i32;
    u32: i32;
    i64: i64;
    u64: i64;
}

/// A size or a code, of the guest's address type.
#[doc(hidden)]
pub enum SizeOrCode {
    Size(GuestSize),
    ErrorCode(i32),
}

impl sealed::Sealed for SizeOrCode {}

impl CoreResults for SizeOrCode {
    const TYPES: CoreTypes = GuestSize::TYPES;

    fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
        let raw = match (self, slots.address_type()) {
            (Self::ErrorCode(code), AddressType::I32) => ValRaw::i32(code),
            (Self::ErrorCode(code), AddressType::I64) => ValRaw::i64(code.into()),
            (Self::Size(GuestSize(size)), AddressType::I32) => {
                ValRaw::i32(i32::try_from(size).map_err(|_| like_a_code(size.into()))?)
            }
            (Self::Size(GuestSize(size)), AddressType::I64) => {
                ValRaw::i64(i64::try_from(size).map_err(|_| like_a_code(size.into()))?)
            }
        };
        slots.put(raw);
        Ok(())
    }
}

impl SuccessValue for GuestSize {
    type Wasm = SizeOrCode;
    const NUMBER: bool = true;

    fn success(self, _: &mut Call<'_>) -> wasmtime::Result<SizeOrCode> {
        Ok(SizeOrCode::Size(self))
    }

    fn failure(code: i32) -> SizeOrCode {
        SizeOrCode::ErrorCode(code)
    }
}

#[cold]
fn like_a_code(number: i128) -> wasmtime::Error {
    wasmtime::format_err!(
        "{number} as a result looks like an error's code to the guest, which are all below 0"
    )
}

macro_rules! return_pointer {
    ($($outer:ident: $core:ident;)*) => {$(
        impl<T: Pointee> SuccessValue for $outer<T> {
            type Wasm = (i32, $core);
            const NUMBER: bool = false;

            fn success(self, call: &mut Call<'_>) -> wasmtime::Result<Self::Wasm> {
                Ok((0, self.into_guest(call)?))
            }

            fn failure(code: i32) -> Self::Wasm {
                (code, $core::nothing())
            }
        }
    )*};
}

return_pointer! {
    ReturnPointer: AtFirst;
    LastReturnPointer: AtLast;
}

#[diagnostic::do_not_recommend]
impl<R: SuccessValue, E: ResultCode> IntoGuest for Result<R, ErrorCode<E>> {
    type Wasm = R::Wasm;

    const VALID: () = {
        let mut i = 0;
        while i < E::CODES.len() {
            assert!(
                E::CODES[i] != 0,
                "an error's code is 0, which says that all is well"
            );
            assert!(
                E::CODES[i] < 0 || !R::NUMBER,
                "an error's code is above 0, where the guest takes it for the function's result: \
                 write one below 0"
            );
            i += 1;
        }
    };

    #[inline]
    fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<R::Wasm> {
        match self {
            Ok(value) => value.success(call),
            Err(ErrorCode(error)) => {
                let code = error.code()?;
                if !E::CODES.contains(&code) {
                    wasmtime::bail!("{code} is not among the codes of `{}`", type_name::<E>());
                }
                Ok(R::failure(code))
            }
        }
    }
}

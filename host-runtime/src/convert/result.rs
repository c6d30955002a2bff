//! Types that consist of others: `Result`, and tuples.

use crate::{
    call::Call,
    convert::{FromGuest, IntoGuest},
};

/// The errors that a trap can carry: all that convert to [`anyhow::Error`].
///
/// It is a separate trait for a better error of rustc.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a trap can carry",
    label = "the embedder cannot get this as the error of a call",
    note = "write `anyhow::Error`, or a type of your own that implements `std::error::Error` and \
        is `Send`, `Sync` and `'static`"
)]
pub trait TrapError {
    #[doc(hidden)]
    fn into_error(self) -> anyhow::Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<anyhow::Error>> TrapError for E {
    fn into_error(self) -> anyhow::Error {
        self.into()
    }
}

/// `Ok` passes the value. `Err` traps the guest with the error, which is any that converts to
/// [`anyhow::Error`]. The embedder can downcast the trap to it.
impl<R, E> IntoGuest for Result<R, E>
where
    R: IntoGuest,
    E: TrapError,
{
    type Wasm = R::Wasm;

    #[inline]
    fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<R::Wasm> {
        match self {
            Ok(value) => value.into_guest(call),
            Err(error) => Err(trap(error)),
        }
    }
}

/// Makes the trap of an error. Derives call this as well.
#[doc(hidden)]
#[cold]
pub fn trap(error: impl TrapError) -> wasmtime::Error {
    wasmtime::Error::from_anyhow(error.into_error())
}

/// A tuple is several values, in order.
macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: IntoGuest),*> IntoGuest for ($($name,)*) {
            type Wasm = ($($name::Wasm,)*);
            const INFALLIBLE: bool = true $(&& $name::INFALLIBLE)*;
            const PLACED: bool = false $(|| $name::PLACED)*;

            #[inline]
            #[allow(unused_variables, non_snake_case, clippy::unused_unit)]
            fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<Self::Wasm> {
                let ($($name,)*) = self;
                Ok(($($name.into_guest(call)?,)*))
            }
        }

        impl<'a, $($name: FromGuest<'a>),*> FromGuest<'a> for ($($name,)*) {
            type Wasm = ($($name::Wasm,)*);
            const VALID: () = { $(let () = $name::VALID;)* };
            const MEMORY: bool = false $(|| $name::MEMORY)*;
            const INFALLIBLE: bool = true $(&& $name::INFALLIBLE)*;

            #[inline]
            #[allow(unused_variables, non_snake_case, clippy::unused_unit)]
            fn from_guest(wasm: Self::Wasm, call: &mut Call<'a>) -> wasmtime::Result<Self> {
                let ($($name,)*) = wasm;
                Ok(($($name::from_guest($name, call)?,)*))
            }
        }
    };
}

crate::abi::for_each_tuple!(tuple);

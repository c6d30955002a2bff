//! What is made of other results: `Result`, and tuples.

use crate::{call::Call, values::IntoGuest};

/// `Ok` is the value; `Err` traps the guest and carries the error to the embedder, who can
/// downcast to it.
impl<R, E> IntoGuest for Result<R, E>
where
    R: IntoGuest,
    E: Into<anyhow::Error>,
{
    type Wasm = R::Wasm;

    #[inline]
    fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<R::Wasm> {
        match self {
            Ok(value) => value.into_guest(call),
            Err(error) => Err(trap(error.into())),
        }
    }
}

#[cold]
fn trap(error: anyhow::Error) -> wasmtime::Error {
    wasmtime::Error::from_anyhow(error)
}

/// A tuple is several results, in order.
macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: IntoGuest),*> IntoGuest for ($($name,)*) {
            type Wasm = ($($name::Wasm,)*);

            #[inline]
            #[allow(unused_variables, non_snake_case, clippy::unused_unit)]
            fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<Self::Wasm> {
                let ($($name,)*) = self;
                Ok(($($name.into_guest(call)?,)*))
            }
        }
    };
}

crate::values::for_each_tuple!(tuple);

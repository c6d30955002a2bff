//! Lowers results: converts Rust values to the core values that a guest gets.

use crate::{
    abi::{CoreResults, ReturnPointerAt},
    call::{Call, Hostcall},
};

/// A type that a host function can return.
///
/// A type of your own is lowered to core values, or to a supported type. It cannot write to guest
/// memory itself: for that, lower it to [`Allocated`](crate::Allocated) or
/// [`ReturnPointer`](crate::values::ReturnPointer).
///
/// ```
/// use host_runtime::{IntoGuest, values::Call, wasm_import, wasmtime};
///
/// struct Celsius(f64);
///
/// impl IntoGuest for Celsius {
///     type Wasm = f64;
///
///     fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<f64> {
///         Ok(self.0)
///     }
/// }
///
/// #[wasm_import(module = "sensor")]
/// fn temperature() -> Celsius {
///     Celsius(21.5)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a guest",
    label = "guests cannot receive this",
    note = "for a type of your own derive `host_runtime::IntoGuest`, or return `ReturnPointer<T>` \
        of a struct that derives `host_runtime::PlainData`; `host_runtime::docs::types` lists what \
        a guest gets",
    note = "in `Result<R, ErrorCode<E>>` the error `E` derives `host_runtime::ResultCode`, and `R` \
        is `()`, `bool`, an integer, a `GuestSize` or a `ReturnPointer`",
    note = "an argument of a guest's function that is a reference is `Placed<&str>`, which is \
        written to guest memory for the call"
)]
pub trait IntoGuest {
    /// Its core values in the guest's signature.
    type Wasm: CoreResults;

    /// Fails to compile if the type is not valid.
    #[doc(hidden)]
    const VALID: () = ();

    /// Whether [`into_guest`](Self::into_guest) cannot fail. If it fails nevertheless, the call
    /// panics.
    #[doc(hidden)]
    const INFALLIBLE: bool = false;

    /// Whether it is written to guest memory before a function of the guest is called.
    #[doc(hidden)]
    const PLACED: bool = false;

    /// Converts to core values.
    ///
    /// # Errors
    ///
    /// An error traps the guest. The embedder can downcast the trap to it.
    fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<Self::Wasm>;
}

/// Shims call it for the result. It is a separate trait for the reasons of
/// [`Lift`](super::Lift).
#[doc(hidden)]
pub trait Lower: IntoGuest + Sized {
    /// Converts the result, and writes its core values for the guest.
    ///
    /// # Errors
    ///
    /// Those of [`IntoGuest::into_guest`].
    #[inline]
    fn lower(self, call: &mut Hostcall<'_>) -> wasmtime::Result<()> {
        call.entered = true;
        let returns = <Self::Wasm as CoreResults>::RETURN_POINTER;
        if !matches!(returns, ReturnPointerAt::None) {
            let pointer = call.slots.return_pointer(returns);
            call.call.set_return_pointer(pointer);
        }
        let wasm = self.into_guest(&mut call.call)?;
        call.slots.rewind();
        call.slots.set_budget(call.call.budget());
        wasm.write(&mut call.slots)
    }
}

impl<T: IntoGuest> Lower for T {}

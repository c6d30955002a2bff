//! Converts Rust values from and to core values: the traits, and the types that implement them.

mod allocated;
mod code;
mod global;
mod handle;
mod option;
mod out;
mod packed;
mod plain;
mod reference;
mod result;
mod return_pointer;
mod scalar;
pub(crate) mod slice;
mod text;

pub(crate) use self::packed::pack;
pub use self::{
    allocated::{
        Allocated, AssemblyScriptNew, AssemblyScriptString, CabiRealloc, GuestAllocator,
        GuestLayout, Malloc, WbindgenMalloc,
    },
    code::{ErrorCode, ResultCode, SuccessValue},
    global::{GlobalVal, GlobalValue},
    option::Nullable,
    out::OutBuffer,
    packed::{Indirect, PointerHigh, PointerLow, SliceList},
    plain::{PlainData, plain_size},
    reference::HostObject,
    result::{TrapError, trap},
    return_pointer::{LastReturnPointer, Pointee, ReturnPointer},
    slice::SliceParameter,
    text::{AssemblyScriptStr, Utf16},
};

use crate::{
    abi::{CoreResults, CoreValues, ReturnPointerAt},
    call::{Call, Hostcall},
};

/// A type that a host function can take as a parameter.
///
/// Implement it for a type of your own to define its core values and to refuse invalid ones:
///
/// ```
/// use host_runtime::{
///     FromGuest, Runtime, ValueError, imports, values::Call, wasm_import, wasmtime,
/// };
///
/// struct Percent(u8);
///
/// impl FromGuest<'_> for Percent {
///     type Wasm = i32;
///
///     fn from_guest(wasm: i32, _: &mut Call<'_>) -> wasmtime::Result<Self> {
///         match u8::try_from(wasm) {
///             Ok(percent @ 0..=100) => Ok(Self(percent)),
///             _ => Err(ValueError::not_in(wasm, "0 to 100").into()),
///         }
///     }
/// }
///
/// #[wasm_import(module = "lamp")]
/// fn dim(to: Percent) -> i32 {
///     to.0.into()
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![dim]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "lamp" "dim" (func (param i32) (result i32)))
///     (export "dim" (func 0)))"#)?;
/// assert_eq!(guest.call::<i32, i32>("dim", 42)?, 42);
/// assert!(guest.call::<i32, i32>("dim", 101).is_err());
/// # Ok(())
/// # }
/// ```
///
/// A type that reads guest memory gets it from the [`Call`], may borrow from it for the call `'a`,
/// and sets [`MEMORY`](Self::MEMORY). For a C-like enum, or a newtype over a supported type, derive
/// it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a host function",
    label = "a guest has no way to pass this",
    note = "for host state write `#[state] name: &T` or `#[state] name: &mut T`",
    note = "for a type of your own derive `host_runtime::FromGuest`, or `host_runtime::PlainData` \
        if it lies in the guest's memory; `host_runtime::docs::types` lists what a guest passes"
)]
pub trait FromGuest<'a>: Sized {
    /// Its core values in the guest's signature.
    type Wasm: CoreValues;

    /// Fails to compile if the type is not valid.
    #[doc(hidden)]
    const VALID: () = ();

    /// Whether it reads or borrows guest memory.
    const MEMORY: bool = false;

    /// Whether [`from_guest`](Self::from_guest) cannot fail. If it fails nevertheless, the call
    /// panics.
    #[doc(hidden)]
    const INFALLIBLE: bool = false;

    /// Converts the core values that the guest passed.
    ///
    /// # Errors
    ///
    /// If the values are not valid, with a [`ValueError`](crate::ValueError) for example. The guest
    /// traps. The caller adds the import, the parameter and the place in the source to the message.
    fn from_guest(wasm: Self::Wasm, call: &mut Call<'a>) -> wasmtime::Result<Self>;
}

impl<'a> Hostcall<'a> {
    /// The next parameter.
    #[inline]
    pub(crate) fn parameter<T: FromGuest<'a>>(&mut self) -> wasmtime::Result<T> {
        assert!(!self.entered, "results come after the parameters");
        let wasm = T::Wasm::read(&mut self.slots);
        let value = T::from_guest(wasm, &mut self.call)?;
        self.made += 1;
        Ok(value)
    }

    /// Passes the function's result to the guest.
    #[inline]
    pub(crate) fn result<R: IntoGuest>(&mut self, result: R) -> wasmtime::Result<()> {
        self.entered = true;
        let returns = <R::Wasm as CoreResults>::RETURN_POINTER;
        if !matches!(returns, ReturnPointerAt::None) {
            let pointer = self.slots.return_pointer(returns);
            self.call.set_return_pointer(pointer);
        }
        let wasm = result.into_guest(&mut self.call)?;
        self.slots.rewind();
        self.slots.set_budget(self.call.budget());
        wasm.write(&mut self.slots)
    }
}

/// Shims call it for each parameter, in order. It reads the next core values of the guest.
///
/// It is a separate trait, so that no type can implement it differently. It is a method, so that
/// rustc reports a wrong type, and not a bound in code that the user has never seen. Only a shim
/// has a [`Hostcall`].
#[doc(hidden)]
pub trait MakeParameter<'a>: FromGuest<'a> {
    /// # Errors
    ///
    /// Those of [`FromGuest::from_guest`].
    #[inline]
    fn parameter(call: &mut Hostcall<'a>) -> wasmtime::Result<Self> {
        call.parameter()
    }
}

impl<'a, T: FromGuest<'a>> MakeParameter<'a> for T {}

/// A type that a host function can return.
///
/// A type of your own is lowered to core values, or to a supported type. It cannot write to guest
/// memory itself: for that, lower it to [`Allocated`] or [`ReturnPointer`].
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
    message = "`{Self}` cannot be the result of a host function",
    label = "a guest has no way to receive this",
    note = "for a type of your own derive `host_runtime::IntoGuest`, or return `ReturnPointer<T>` \
        of a struct that derives `host_runtime::PlainData`; `host_runtime::docs::types` lists what \
        a guest gets",
    note = "in `Result<R, ErrorCode<E>>` the error `E` derives `host_runtime::ResultCode`, and `R` \
        is `()`, `bool`, an integer, a `GuestSize` or a `ReturnPointer`"
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

    /// Converts to core values.
    ///
    /// # Errors
    ///
    /// An error traps the guest. The embedder can downcast the trap to it.
    fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<Self::Wasm>;
}

/// Shims call it for the result. It is a separate trait for the reasons of [`MakeParameter`].
#[doc(hidden)]
pub trait PassResult: IntoGuest + Sized {
    /// # Errors
    ///
    /// Those of [`IntoGuest::into_guest`].
    #[inline]
    fn result(self, call: &mut Hostcall<'_>) -> wasmtime::Result<()> {
        call.result(self)
    }
}

impl<T: IntoGuest> PassResult for T {}

//! Lifts parameters: converts the core values that a guest passes to Rust values.

use crate::{
    abi::{AddressType, CoreValues},
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
///             _ => Err(ValueError::invalid(wasm, "Percent", "0 to 100").into()),
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
    label = "guests cannot pass this",
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

    /// The size and the alignment of the memory that a function of the guest writes the result to,
    /// if the host allocates it.
    #[doc(hidden)]
    const RETURN_AREA: Option<fn(AddressType) -> (usize, usize)> = None;

    /// Converts the core values that the guest passed.
    ///
    /// # Errors
    ///
    /// If the values are not valid, with a [`ValueError`](crate::ValueError) for example. The guest
    /// traps. The caller adds the import, the parameter and the place in the source to the message.
    fn from_guest(wasm: Self::Wasm, call: &mut Call<'a>) -> wasmtime::Result<Self>;
}

/// Shims call it for each parameter, in order.
///
/// It is a separate trait, so that no type can implement it differently. It is a method, so that
/// rustc reports a wrong type, and not a bound in code that the user has never seen. Only a shim
/// has a [`Hostcall`].
#[doc(hidden)]
pub trait Lift<'a>: FromGuest<'a> {
    /// Reads the next core values of the guest, and converts them.
    ///
    /// # Errors
    ///
    /// Those of [`FromGuest::from_guest`].
    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    fn lift(call: &mut Hostcall<'a>) -> wasmtime::Result<Self> {
        assert!(!call.entered, "results come after the parameters");
        let wasm = Self::Wasm::read(&mut call.slots);
        let value = Self::from_guest(wasm, &mut call.call)?;
        call.made += 1;
        Ok(value)
    }
}

impl<'a, T: FromGuest<'a>> Lift<'a> for T {}

/// A type of which a value borrows nothing from the guest, so that a call of a guest's function can
/// return it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a guest's function",
    label = "a call cannot return this",
    note = "write an owned type: `String` for `&str`, `Vec<u8>` for `&[u8]`"
)]
pub trait FromGuestOwned: for<'a> FromGuest<'a> {}

#[diagnostic::do_not_recommend]
impl<T: for<'a> FromGuest<'a>> FromGuestOwned for T {}

//! The shim: the code that the attribute writes for one host function.

use std::any::Any;

use crate::registry::{CallShape, HostFunction, Record};

/// The shim of a host function.
///
/// It converts the parameters, calls the function and passes its result on.
///
/// # Safety
///
/// `call` converts the parameters of `RECORD`, each once and in order, and passes on a result of
/// the result type of `RECORD`, once. `FUNCTION` is [`HostFunction::of`] this shim.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function with `#[wasm_import]`",
    label = "guests cannot import this as a function",
    note = "write the path of an annotated function; for a method, use `Imports::alias_function`"
)]
#[doc(hidden)]
pub unsafe trait Shim: 'static {
    /// Tells what the function takes besides the values that the guest passes.
    type Kind: ShimKind;

    /// The description of the function.
    const RECORD: Record;

    /// The function that this shim calls. Sets of imports list it.
    const FUNCTION: &'static HostFunction;

    fn call(cx: &mut <Self::Kind as ShimKind>::Context<'_>) -> wasmtime::Result<()>;
}

/// A kind of shims: [`Plain`](super::Plain), [`WithGuest`](super::WithGuest) or
/// [`WithCaller`](super::WithCaller). Each has a file of its own.
#[doc(hidden)]
pub trait ShimKind: Sized + 'static {
    /// What `Shim::call` gets.
    type Context<'a>;

    /// How a shim of this kind is entered.
    type Entry<F: Shim<Kind = Self>>: ShimEntry;

    /// Whether the function may return references, and results that are written to guest memory.
    /// Both need the store after the function has returned.
    const STORE_RESULTS: bool = true;
}

/// How a shim is entered.
#[doc(hidden)]
pub trait ShimEntry {
    /// An [`Entry`](super::Entry). Expansions cannot name its type.
    const ENTRY: &'static (dyn Any + Send + Sync);
}

impl HostFunction {
    /// The function of a shim: `F::FUNCTION`.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<F: Shim>() -> Self {
        if !F::Kind::STORE_RESULTS {
            let shape = CallShape::of(&F::RECORD);
            assert!(
                !shape.result_references,
                "a host function that takes the `Caller` cannot return a reference: take \
                 `Guest<'_>` instead"
            );
            assert!(
                !shape.deferred,
                "a host function that takes the `Caller` cannot return a value in guest memory: \
                 take `Guest<'_>` instead"
            );
        }
        Self::new(
            F::RECORD,
            <<F::Kind as ShimKind>::Entry<F> as ShimEntry>::ENTRY,
        )
    }
}

//! The way of a call to a host function that takes the [`Guest`].

use crate::{
    abi::CallReferences,
    call::Hostcall,
    guest::Guest,
    hostcall::{define::FunctionSlots, error::no_memory, store_call::StoreCall},
    registry::{HostFunction, Record},
};

/// The shim of a function that takes the [`Guest`].
///
/// # Safety
///
/// As for [`Shim`](super::Shim), with [`HostFunction::guest`].
#[doc(hidden)]
pub unsafe trait GuestShim: 'static {
    /// What the function is to a guest.
    const RECORD: Record;

    /// The function that this shim calls: what a set lists.
    const FUNCTION: &'static HostFunction;

    fn call(guest: Guest<'_>, call: &mut GuestCall<'_>) -> wasmtime::Result<()>;
}

/// One call of a host function that takes the [`Guest`].
#[doc(hidden)]
pub struct GuestCall<'a>(StoreCall<'a>);

impl GuestCall<'_> {
    /// Makes the parameters, none of which may borrow from the guest.
    ///
    /// # Errors
    ///
    /// What the guest has passed that a parameter cannot be made of.
    pub fn parameters<P>(
        &mut self,
        guest: &mut Guest<'_>,
        make: impl FnOnce(&mut Hostcall<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let function = self.0.function();
        let (memory, host) = if self.0.uses_memory() {
            let found = guest.memory_and_host();
            let (memory, host) = found.map_err(|reason| no_memory(*reason, function))?;
            (Some(memory), host)
        } else {
            (None, guest.host())
        };
        let limits = host.limits();
        let (parameters, left) = self.0.parameters(memory, limits, make)?;
        guest.set_budget(left);
        Ok(parameters)
    }

    /// The call once the function has returned, to pass its result.
    pub fn returned(&mut self) -> Hostcall<'_> {
        self.0.returned()
    }
}

/// Calls a shim, whatever the store's data.
pub(crate) fn enter_with_guest<F: GuestShim>(
    slots: FunctionSlots<'_>,
    guest: Guest<'_>,
    references: Option<&mut CallReferences>,
) -> wasmtime::Result<()> {
    assert!(
        std::ptr::eq(slots.site().function, F::FUNCTION),
        "the slots of another function"
    );
    let mut call = GuestCall(StoreCall::new(slots, references));
    let result = F::call(guest, &mut call);
    call.0.finish(result)
}

/// [`enter_with_guest`] for one function.
pub(crate) type EnterWithGuest =
    fn(FunctionSlots<'_>, Guest<'_>, Option<&mut CallReferences>) -> wasmtime::Result<()>;

//! Calls of host functions that take the [`Guest`].

use std::{any::Any, marker::PhantomData};

use crate::{
    abi::CallReferences,
    call::Hostcall,
    guest::Guest,
    hostcall::{
        Entry, Shim, ShimEntry, ShimKind, define::FunctionSlots, error::no_memory,
        store_call::StoreCall,
    },
};

/// The kind of functions that take the [`Guest`].
#[doc(hidden)]
pub enum WithGuest {}

/// The context of their shims.
#[doc(hidden)]
pub struct GuestContext<'a> {
    guest: Guest<'a>,
    call: StoreCall<'a>,
}

impl ShimKind for WithGuest {
    type Context<'a> = GuestContext<'a>;
    type Entry<F: Shim<Kind = Self>> = GuestEntry<F>;
}

#[doc(hidden)]
pub struct GuestEntry<F>(PhantomData<F>);

impl<F: Shim<Kind = WithGuest>> ShimEntry for GuestEntry<F> {
    const ENTRY: &'static (dyn Any + Send + Sync) = &Entry::Guest {
        enter: enter_with_guest::<F>,
    };
}

impl GuestContext<'_> {
    /// Converts the parameters. None of them may borrow from the guest.
    ///
    /// # Errors
    ///
    /// If a parameter cannot be converted.
    pub fn parameters<P>(
        &mut self,
        make: impl FnOnce(&mut Hostcall<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let function = self.call.function();
        let (memory, host) = if self.call.uses_memory() {
            let found = self.guest.memory_and_host();
            let (memory, host) = found.map_err(|reason| no_memory(*reason, function))?;
            (Some(memory), host)
        } else {
            (None, self.guest.host())
        };
        let limits = host.limits();
        let (parameters, left) = self.call.parameters(memory, limits, make)?;
        self.guest.set_budget(left);
        Ok(parameters)
    }

    /// The guest, for the function.
    #[inline]
    pub fn store(&mut self) -> Guest<'_> {
        self.guest.reborrow()
    }

    /// The call after the function has returned, to pass its result on.
    #[inline]
    pub fn returned(&mut self) -> Hostcall<'_> {
        self.call.returned()
    }
}

/// Calls a shim. It does not depend on the type of the store's data.
fn enter_with_guest<F: Shim<Kind = WithGuest>>(
    slots: FunctionSlots<'_>,
    mut guest: Guest<'_>,
    references: Option<&mut CallReferences>,
) -> wasmtime::Result<()> {
    slots.check::<F>();
    let mut cx = GuestContext {
        guest: guest.reborrow(),
        call: StoreCall::new(slots, references),
    };
    let result = F::call(&mut cx);
    cx.call.finish(result)
}

/// [`enter_with_guest`] for one shim.
pub(crate) type EnterWithGuest =
    fn(FunctionSlots<'_>, Guest<'_>, Option<&mut CallReferences>) -> wasmtime::Result<()>;

//! The way of a call to a host function that takes the [`Guest`].

use std::mem::MaybeUninit;

use wasmtime::{Caller, Linker, ValRaw};

use crate::{
    abi::{Outside, Raw},
    call::Hostcall,
    guest::Guest,
    hostcall::{
        access::CallerAccess,
        error::no_memory,
        raw::{define_raw, with_outside},
        store_call::StoreCall,
        wanted::Wanted,
    },
    registry::{HostFunction, Record},
    store::HostData,
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
///
/// # Safety
///
/// `raw` are the slots that Wasmtime passes to a function of `F::FUNCTION`'s type for the guest's width.
pub(crate) unsafe fn enter_with_guest<F: GuestShim>(
    raw: Raw<'_>,
    guest: Guest<'_>,
    outside: Option<&mut Outside>,
) -> wasmtime::Result<()> {
    // SAFETY: the slots are of that function, as the contract of this one has it.
    let common = unsafe { StoreCall::new(raw, outside, F::FUNCTION, guest.width()) };
    let mut call = GuestCall(common);
    let result = F::call(guest, &mut call);
    call.0.finish(result)
}

/// [`enter_with_guest`] for one function.
pub(crate) type EnterWithGuest =
    unsafe fn(Raw<'_>, Guest<'_>, Option<&mut Outside>) -> wasmtime::Result<()>;

/// Defines a function that takes the [`Guest`], in a linker of any store data.
pub(super) fn define_with_guest<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &Wanted,
    project: P,
    enter: EnterWithGuest,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    let width = wanted.width;
    let lookup = wanted.lookup(function);
    let call = move |mut caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
        let project = &project;
        let run = |caller: &mut Caller<'_, T>, raw: Raw<'_>, outside: &mut Outside| {
            let mut access = CallerAccess::new(caller, project, &lookup);
            let guest = Guest::new(&mut access, width);
            // SAFETY: `enter` is the function's own, and Wasmtime passes slots of its type for `width`, by which
            // it is defined below.
            unsafe { enter(raw, guest, Some(outside)) }
        };
        // SAFETY: Wasmtime passes slots of `function`'s type for `width`, by which it is defined below.
        unsafe { with_outside(&mut caller, project, &lookup, function, width, raw, run) }
    };
    // SAFETY: `call` calls the shim of the function with its slots.
    unsafe { define_raw(linker, function, wanted, call) }
}

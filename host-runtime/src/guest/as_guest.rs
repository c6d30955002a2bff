//! The guest as an argument: inside and outside of host functions.

use crate::{
    guest::Guest,
    store::{GuestCall, InstanceId},
};

/// A guest: the [`Guest`] of a host function, or an [`Instance`](crate::Instance).
///
/// Functions that reach into a guest take it, so that they can be called in both places.
pub trait AsGuest {
    /// Calls `work` with the guest.
    fn with_guest<R>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> R) -> R;

    /// Calls a function of the instance `id` with numbers; `None` if the guest is not certainly
    /// that instance.
    #[doc(hidden)]
    fn call_instance(
        &mut self,
        id: InstanceId,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>>;
}

impl AsGuest for Guest<'_> {
    #[inline]
    fn with_guest<R>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> R) -> R {
        work(self)
    }

    #[inline]
    fn call_instance(
        &mut self,
        id: InstanceId,
        call: &mut GuestCall<'_>,
    ) -> Option<wasmtime::Result<()>> {
        self.access.call_instance(id, self.budget, call)
    }
}

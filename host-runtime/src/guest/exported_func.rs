//! Exported functions of a guest.

use std::{fmt, marker::PhantomData};

use crate::{
    convert::{FromGuestOwned, IntoGuest},
    error::ExportError,
    guest::{AsGuest, BoundFunc, Guest, Signature},
};

/// An exported function of an instance, to be called any number of times.
///
/// [`Instance::func`](crate::Instance::func) and [`Guest::func`](crate::Guest::func) return one.
pub struct ExportedFunc<P, R> {
    func: BoundFunc,
    signature: PhantomData<fn(P) -> R>,
}

impl Guest<'_> {
    /// Looks up an exported function.
    ///
    /// It takes and returns what [`call`](Self::call) does.
    ///
    /// # Errors
    ///
    /// If the guest exports no function of that name and type.
    pub fn func<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        name: &str,
    ) -> Result<ExportedFunc<P, R>, ExportError> {
        const { Signature::<P, R>::BY_NAME };
        let ty = Signature::<P, R>::ty(self.address_type);
        Ok(ExportedFunc {
            func: BoundFunc::new(self, name, ty)?,
            signature: PhantomData,
        })
    }
}

impl<P: IntoGuest, R: FromGuestOwned> ExportedFunc<P, R> {
    /// Calls the function. `guest` is the instance that the function was taken from, or the
    /// [`Guest`](crate::Guest) of a host function that this instance calls.
    ///
    /// # Errors
    ///
    /// A trap, with the guest's backtrace; if a host function failed, the error can be downcast to
    /// its error. [`WrongStoreError`](crate::errors::WrongStoreError) if the function belongs to
    /// another instance. Otherwise those of [`Guest::call`](crate::Guest::call).
    ///
    /// # Panics
    ///
    /// If a host function panics.
    #[inline]
    pub fn call(&self, guest: &mut impl AsGuest, params: P) -> anyhow::Result<R> {
        Ok(self.func.call(guest, params, None)?)
    }
}

impl<P, R> Clone for ExportedFunc<P, R> {
    fn clone(&self) -> Self {
        Self {
            func: self.func.clone(),
            signature: PhantomData,
        }
    }
}

impl<P, R> fmt::Debug for ExportedFunc<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedFunc").finish_non_exhaustive()
    }
}

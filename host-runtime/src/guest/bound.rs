//! Exports of a guest that are looked up once and used any number of times.

use std::sync::Arc;

use wasmtime::{Extern, Global};

use crate::{
    abi::Deallocator,
    convert::{FromGuestOwned, GlobalValue, IntoGuest},
    error::{ExportError, WrongStoreError},
    guest::{AsGuest, Guest, Signature},
    store::{CallType, CheckedFunc, GuestCall, InstanceId},
};

/// An exported function of one instance.
#[derive(Clone, Debug)]
pub(crate) struct BoundFunc {
    name: Arc<str>,
    func: CheckedFunc,
    /// The instance, if it was certain which one it is.
    instance: Option<InstanceId>,
}

/// An exported global of one instance.
#[derive(Clone, Debug)]
pub(crate) struct BoundGlobal {
    name: Arc<str>,
    global: Global,
    /// The instance, if it was certain which one it is.
    instance: Option<InstanceId>,
}

impl BoundGlobal {
    /// Looks up an exported global.
    pub(crate) fn new(guest: &mut Guest<'_>, name: &str) -> Result<Self, ExportError> {
        Ok(Self {
            name: name.into(),
            global: guest.find_global(name)?,
            instance: guest.access.instance(),
        })
    }

    /// The global of this guest. If it is not certain which instance the guest is, it is looked up
    /// in the guest.
    fn of(&self, guest: &mut Guest<'_>) -> wasmtime::Result<Global> {
        match (self.instance, guest.access.instance()) {
            (Some(own), Some(other)) if own == other => Ok(self.global),
            (Some(_), Some(_)) => Err(WrongStoreError::OtherInstance.into()),
            _ => Ok(guest.find_global(&self.name)?),
        }
    }

    pub(crate) fn get<G: GlobalValue>(&self, guest: &mut Guest<'_>) -> wasmtime::Result<G> {
        let global = self.of(guest)?;
        Ok(guest.read_global(&self.name, global)?)
    }

    pub(crate) fn set<G: GlobalValue>(
        &self,
        guest: &mut Guest<'_>,
        value: G,
    ) -> wasmtime::Result<()> {
        let global = self.of(guest)?;
        guest.write_global(&self.name, global, value)
    }
}

impl BoundFunc {
    /// Looks up an exported function.
    pub(crate) fn new(
        guest: &mut Guest<'_>,
        name: &str,
        ty: CallType,
    ) -> Result<Self, ExportError> {
        Ok(Self {
            name: name.into(),
            func: guest.exported_func(name, ty)?,
            instance: guest.access.instance(),
        })
    }

    /// Calls it in the guest that it belongs to. `by` allocates memory for a result that it writes
    /// to a return pointer.
    #[inline]
    pub(crate) fn call<P: IntoGuest, R: FromGuestOwned>(
        &self,
        guest: &mut impl AsGuest,
        params: P,
        by: Option<&'static Deallocator>,
    ) -> wasmtime::Result<R> {
        if const { Signature::<P, R>::IS_NUMBERS }
            && let Some(instance) = self.instance
        {
            let address_type = self.func.ty().address_type();
            return Signature::<P, R>::call_with_numbers(
                &self.func,
                params,
                address_type,
                |call| match guest.call_instance(instance, call) {
                    Some(returned) => returned,
                    None => guest.with_guest(|guest| self.call_if_own(guest, call)),
                },
            );
        }
        guest.with_guest(|guest| {
            self.check(guest)?;
            guest.call_checked(&self.func, params, by)
        })
    }

    #[cold]
    fn call_if_own(&self, guest: &mut Guest<'_>, call: &mut GuestCall<'_>) -> wasmtime::Result<()> {
        self.check(guest)?;
        guest.access.call(guest.budget, call)
    }

    /// Checks that it belongs to this guest.
    #[inline]
    fn check(&self, guest: &mut Guest<'_>) -> Result<(), WrongStoreError> {
        match (self.instance, guest.access.instance()) {
            (Some(own), Some(other)) if own == other => Ok(()),
            (Some(_), Some(_)) => Err(WrongStoreError::OtherInstance),
            _ => self.compare(guest),
        }
    }

    /// Checks that the guest exports this very function by its name.
    #[cold]
    fn compare(&self, guest: &mut Guest<'_>) -> Result<(), WrongStoreError> {
        let own = self.func.func();
        let same_type = self.func.ty().address_type() == guest.address_type;
        if same_type
            && guest.access.owns(&own.into()).unwrap_or(false)
            && let Some(Extern::Func(export)) = guest.access.export(&self.name)
            && let Some(store) = guest.access.store()
            && store.is_same(own, export)
        {
            return Ok(());
        }
        Err(WrongStoreError::OtherInstance)
    }
}

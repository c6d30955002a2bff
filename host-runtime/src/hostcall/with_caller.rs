//! The way of a call to a host function that takes Wasmtime's `Caller`.

use std::sync::Arc;

use wasmtime::Caller;

use crate::{
    call::Hostcall,
    hostcall::{
        define::FunctionSlots, function_import::Lookup, memory::guest_memory, store_call::StoreCall,
    },
    registry::{HostFunction, Record},
    store::HostData,
};

/// The shim of a function that takes Wasmtime's `Caller`.
///
/// # Safety
///
/// As for [`Shim`](super::Shim), with [`HostFunction::caller`].
#[doc(hidden)]
pub unsafe trait CallerShim: 'static {
    type Data: 'static;

    /// What the function is to a guest.
    const RECORD: Record;

    /// The function that this shim calls: what a set lists.
    const FUNCTION: &'static HostFunction;

    fn call(
        caller: Caller<'_, Self::Data>,
        call: &mut CallerCall<'_, Self::Data>,
    ) -> wasmtime::Result<()>;
}

/// What a parameter that goes by the name of `Caller` is: `fn(Caller<'_, T>)`, since lifetimes may
/// be left out there.
#[diagnostic::on_unimplemented(
    message = "this parameter is not Wasmtime's `Caller`",
    label = "the `Caller` goes here",
    note = "write `Caller<'_, T>` of `host_runtime::wasmtime`, `T` being the store's data"
)]
#[doc(hidden)]
pub trait CallerParameter {
    type Data: 'static;
    type Caller<'a>;

    /// The `Caller` itself, of a type that rustc does not know where it is not one: otherwise it
    /// would report a mismatch as well.
    fn pass(caller: Caller<'_, Self::Data>) -> Self::Caller<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: 'static> CallerParameter for fn(Caller<'_, T>) {
    type Data = T;
    type Caller<'a> = Caller<'a, T>;

    #[inline]
    fn pass(caller: Caller<'_, T>) -> Caller<'_, T> {
        caller
    }
}

/// Where the store data `T` of an embedder has its [`HostData`].
pub(crate) type Projection<T> = Arc<dyn Fn(&mut T) -> &mut HostData + Send + Sync>;

/// Calls a shim.
pub(super) fn call<F: CallerShim>(
    mut caller: Caller<'_, F::Data>,
    slots: FunctionSlots<'_>,
    project: &Projection<F::Data>,
    lookup: &Lookup,
) -> wasmtime::Result<()> {
    project(caller.data_mut()).guests().invalidate_cache();
    let mut references = if slots.site().function.shape().references {
        Some(slots.references(&mut caller)?)
    } else {
        None
    };
    let mut call = CallerCall {
        common: StoreCall::new(slots, references.as_mut()),
        project,
        lookup,
    };
    let result = F::call(caller, &mut call);
    call.common.finish(result)
}

/// One call of a host function that takes the `Caller`.
#[doc(hidden)]
pub struct CallerCall<'a, T: 'static> {
    common: StoreCall<'a>,
    project: &'a Projection<T>,
    lookup: &'a Lookup,
}

impl<T: 'static> CallerCall<'_, T> {
    /// Makes the parameters, none of which may borrow from the store: the function gets the
    /// whole of it.
    ///
    /// # Errors
    ///
    /// What the guest has passed that a parameter cannot be made of.
    pub fn parameters<P>(
        &mut self,
        caller: &mut Caller<'_, T>,
        make: impl FnOnce(&mut Hostcall<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let project = &**self.project;
        let mut shared = None;
        let (memory, data) = if self.common.uses_memory() {
            let function = self.common.function();
            let (memory, data) = guest_memory(caller, &mut shared, function, self.lookup, project)?;
            (Some(memory), data)
        } else {
            (None, caller.data_mut())
        };
        let limits = project(data).limits();
        let (parameters, _) = self.common.parameters(memory, limits, make)?;
        Ok(parameters)
    }

    /// The call once the function has returned, to pass its result.
    pub fn returned(&mut self) -> Hostcall<'_> {
        self.common.returned()
    }
}

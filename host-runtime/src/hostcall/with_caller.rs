//! The way of a call to a host function that takes Wasmtime's `Caller`.

use std::{any::Any, mem::MaybeUninit, sync::Arc};

use wasmtime::{Caller, Linker, ValRaw};

use crate::{
    abi::Outside,
    call::Hostcall,
    hostcall::{
        find::guest_memory,
        raw::define_raw,
        store_call::StoreCall,
        wanted::{Lookup, Wanted},
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

/// Defines a function that takes the `Caller`, in a `Linker<F::Data>` with a
/// `Projection<F::Data>`.
pub(crate) fn define_with_caller<F: CallerShim>(
    linker: &mut dyn Any,
    wanted: &Wanted,
    project: &dyn Any,
) -> wasmtime::Result<()> {
    let function = F::FUNCTION;
    let (Some(linker), Some(project)) = (
        linker.downcast_mut::<Linker<F::Data>>(),
        project.downcast_ref::<Projection<F::Data>>(),
    ) else {
        wasmtime::bail!("{function} is for another store data");
    };
    let (project, width) = (Arc::clone(project), wanted.width);
    let lookup = wanted.lookup(function);
    let call = move |mut caller: Caller<'_, F::Data>, raw: &mut [MaybeUninit<ValRaw>]| {
        project(caller.data_mut()).guests().lend();
        let mut outside = if function.needs().references {
            // SAFETY: Wasmtime passes slots of `function`'s type for `width`, by which it is defined below.
            let given = unsafe { Outside::given(&mut caller, raw, function.param_types(width)) };
            Some(given?)
        } else {
            None
        };
        // SAFETY: Wasmtime passes slots of `function`'s type for `width`, by which it is defined below.
        let common = unsafe { StoreCall::new(raw.into(), outside.as_mut(), function, width) };
        let mut call = CallerCall {
            common,
            project: &project,
            lookup: &lookup,
        };
        let result = F::call(caller, &mut call);
        call.common.finish(result)
    };
    // SAFETY: `call` calls the shim of the function with its slots.
    unsafe { define_raw(linker, function, wanted, call) }
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

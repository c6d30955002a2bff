//! The way of a call from the guest to a shim.

use std::{any::Any, mem::MaybeUninit, sync::Arc};

use wasmtime::{Caller, Linker, Memory, ValRaw};

use crate::{
    call::{Call, Slots},
    error::HostCallError,
    memory::{self, GuestMemory, NoMemory},
    registry::HostFunction,
    state::HostData,
    values::IntoGuest,
};

/// The shim that the attribute makes of a function.
#[doc(hidden)]
pub trait Shim: 'static {
    const FUNCTION: &'static HostFunction;

    /// Makes the parameters, calls the function, passes its result on.
    fn call(call: &mut Call<'_>) -> wasmtime::Result<()>;
}

/// The shim of a function that takes Wasmtime's `Caller`.
#[doc(hidden)]
pub trait CallerShim: 'static {
    type Data: 'static;
    const FUNCTION: &'static HostFunction;

    fn call(
        caller: Caller<'_, Self::Data>,
        call: &mut CallerCall<'_, Self::Data>,
    ) -> wasmtime::Result<()>;
}

/// The store data of a `Caller`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not Wasmtime's `Caller`",
    label = "this is passed where the `Caller` goes",
    note = "write `Caller<'_, T>` of `host_runtime::wasmtime`, `T` being the store's data"
)]
#[doc(hidden)]
pub trait CallerData {
    type Data: 'static;
}

impl<T: 'static> CallerData for Caller<'_, T> {
    type Data = T;
}

/// Where the store data `T` of an embedder has its [`HostData`].
pub(crate) type Projection<T> = Arc<dyn Fn(&mut T) -> &mut HostData + Send + Sync>;

/// Defines `F` in the linker of a [`Runtime`](crate::Runtime).
///
/// The shim is part of the closure's own code: behind a `fn` pointer, a call would take half as
/// long again.
pub(crate) fn define<F: Shim>(linker: &mut Linker<HostData>) -> wasmtime::Result<()> {
    define_raw(linker, F::FUNCTION, |caller, raw| {
        hostcall(caller, raw, F::FUNCTION, |host| host, F::call)
    })
}

/// Defines a function in an embedder's linker.
pub(crate) fn define_foreign<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    project: P,
    call: fn(&mut Call<'_>) -> wasmtime::Result<()>,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    define_raw(linker, function, move |caller, raw| {
        hostcall(caller, raw, function, &project, call)
    })
}

/// Defines a function that takes the `Caller`, in a `Linker<F::Data>` with a
/// `Projection<F::Data>`.
pub(crate) fn define_with_caller<F: CallerShim>(
    linker: &mut dyn Any,
    project: &dyn Any,
) -> wasmtime::Result<()> {
    let (Some(linker), Some(project)) = (
        linker.downcast_mut::<Linker<F::Data>>(),
        project.downcast_ref::<Projection<F::Data>>(),
    ) else {
        wasmtime::bail!("{} is for another store data", F::FUNCTION);
    };
    let project = Arc::clone(project);
    define_raw(linker, F::FUNCTION, move |mut caller, raw| {
        project(caller.data_mut()).lend();
        let mut call = CallerCall {
            raw,
            project: &project,
            function: F::FUNCTION,
            failed: None,
        };
        F::call(caller, &mut call)
            .map_err(|error| error.context(HostCallError::new(F::FUNCTION, call.failed)))
    })
}

fn define_raw<T: 'static>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    call: impl Fn(Caller<'_, T>, &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()>
    + Send
    + Sync
    + 'static,
) -> wasmtime::Result<()> {
    let ty = function.func_type(linker.engine());
    // SAFETY: the function must read parameters and write results as `ty` has them. `ty` is made
    // of the `CoreTypes` of the parameters and of the result, in order, and a shim reads and
    // writes by the same types' `CoreValues`, whose `TYPES` those are. Should a shim do less or
    // other than that, it reads and writes numbers only, which are valid whatever their bits.
    unsafe { linker.func_new_unchecked(function.module(), function.name(), ty, call) }?;
    Ok(())
}

#[inline]
fn slots<'a>(raw: &'a mut [MaybeUninit<ValRaw>], function: &'static HostFunction) -> Slots<'a> {
    // SAFETY: Wasmtime passes the parameters of the function's type in the first slots, and that
    // type was made of the same record; see `define_raw`.
    unsafe { Slots::new(raw, function.parameter_count()) }
}

/// One call of `function`, of a linker of any store data.
#[inline(always)]
fn hostcall<T: 'static>(
    mut caller: Caller<'_, T>,
    raw: &mut [MaybeUninit<ValRaw>],
    function: &'static HostFunction,
    project: impl Fn(&mut T) -> &mut HostData,
    shim: impl FnOnce(&mut Call<'_>) -> wasmtime::Result<()>,
) -> wasmtime::Result<()> {
    let slots = slots(raw, function);
    let mut call = borrow(&mut caller, slots, function, project);
    match shim(&mut call) {
        Ok(()) => Ok(()),
        Err(error) => Err(blame(error, function, call.failed_parameter())),
    }
}

/// Borrows what the shim needs from the store: its data, and the guest's memory if it is used.
#[inline(always)]
fn borrow<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    slots: Slots<'a>,
    function: &'static HostFunction,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Call<'a> {
    let memory = if function.uses_memory() {
        find(caller, function.memory(), &project)
    } else {
        Err(NoMemory::NoGuest)
    };
    match memory {
        Ok(memory) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            Call::new(slots, Ok(GuestMemory::new(bytes)), project(data))
        }
        Err(reason) => Call::new(slots, Err(reason), project(caller.data_mut())),
    }
}

#[cold]
#[inline(never)]
fn blame(
    error: wasmtime::Error,
    function: &'static HostFunction,
    parameter: Option<usize>,
) -> wasmtime::Error {
    error.context(HostCallError::new(function, parameter))
}

/// The memory of the guest that calls.
#[inline(always)]
fn find<T: 'static>(
    caller: &mut Caller<'_, T>,
    name: Option<&'static str>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Memory, NoMemory> {
    match project(caller.data_mut()).finder(name).only() {
        Some(memory) => Ok(memory),
        None => find_export(caller, name, project),
    }
}

#[inline(never)]
fn find_export<T: 'static>(
    caller: &mut Caller<'_, T>,
    name: Option<&'static str>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Memory, NoMemory> {
    let mut index = 0;
    while let Some(export) = project(caller.data_mut()).finder(name).known(index) {
        if let Some(found) = memory::export_of(caller, export) {
            let memory = found?;
            project(caller.data_mut()).keep_memory(name, memory);
            return Ok(memory);
        }
        index += 1;
    }
    let wanted = project(caller.data_mut())
        .finder(name)
        .name()
        .map(str::to_owned);
    let (export, memory) = memory::ask_stack(caller, wanted.as_deref())?;
    project(caller.data_mut()).finder(name).learn(export);
    Ok(memory)
}

/// One call of a host function that takes the `Caller`.
#[doc(hidden)]
pub struct CallerCall<'a, T: 'static> {
    raw: &'a mut [MaybeUninit<ValRaw>],
    project: &'a Projection<T>,
    function: &'static HostFunction,
    failed: Option<usize>,
}

impl<T: 'static> CallerCall<'_, T> {
    /// Makes the parameters, none of which may borrow from the store: the function gets the
    /// whole of it.
    pub fn parameters<P>(
        &mut self,
        caller: &mut Caller<'_, T>,
        make: impl FnOnce(&mut Call<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let slots = slots(self.raw, self.function);
        let mut call = borrow(caller, slots, self.function, |data| (self.project)(data));
        let parameters = make(&mut call);
        if parameters.is_err() {
            self.failed = call.failed_parameter();
        }
        parameters
    }

    /// Passes the function's result to the guest.
    pub fn result<R: IntoGuest>(&mut self, result: R) -> wasmtime::Result<()> {
        Call::without_store(slots(self.raw, self.function)).result(result)
    }
}

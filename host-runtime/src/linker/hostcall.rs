//! The way of a call from the guest to a shim.

use std::{any::Any, mem::MaybeUninit, sync::Arc};

use wasmtime::{Caller, Extern, Linker, Memory, ValRaw};

use crate::{
    call::{Call, Slots},
    error::{BadValue, HostCallError},
    memory::{self, Claims, GuestMemory, NoMemory},
    registry::{HostFunction, Needs, Parameter},
    state::HostData,
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

/// Defines `F` in the linker of a [`Runtime`](crate::Runtime).
///
/// The shim is part of the closure's own code: behind a `fn` pointer, a call would take half as
/// long again. This is compiled once for each function of a program, so it leaves to others what
/// does not need `F`.
pub(crate) fn define<F: Shim>(linker: &mut Linker<HostData>) -> wasmtime::Result<()> {
    define_raw(linker, F::FUNCTION, |mut caller, raw| {
        let needs = const { F::FUNCTION.needs() };
        let mut claims = Claims::new();
        let mut call = begin(
            &mut caller,
            raw,
            F::FUNCTION,
            needs,
            host_itself,
            &mut claims,
        )?;
        match F::call(&mut call) {
            Ok(()) => Ok(()),
            Err(error) => Err(blame(error, F::FUNCTION, call.failed_parameter())),
        }
    })
}

/// The projection of a runtime's own store. A function and no closure: that would be another one
/// for each `F`.
fn host_itself(host: &mut HostData) -> &mut HostData {
    host
}

/// Defines a function in an embedder's linker.
pub(crate) fn define_foreign<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    project: P,
    shim: fn(&mut Call<'_>) -> wasmtime::Result<()>,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    let (needs, states) = (function.needs(), function.state_needs());
    define_raw(linker, function, move |mut caller, raw| {
        if !states.is_empty()
            && let Err(missing) = project(caller.data_mut()).check(states)
        {
            return Err(blame(missing.into(), function, None));
        }
        let mut claims = Claims::new();
        let mut call = begin(&mut caller, raw, function, needs, &project, &mut claims)?;
        match shim(&mut call) {
            Ok(()) => Ok(()),
            Err(error) => Err(blame(error, function, call.failed_parameter())),
        }
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
            needs: F::FUNCTION.needs(),
            entered: false,
        };
        match F::call(caller, &mut call) {
            Err(error) if call.entered => Err(blame(error, F::FUNCTION, None)),
            result => result,
        }
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
    // other than that, it reads and writes numbers only, which are valid whatever their bits, and
    // `Slots::new` has initialized the results.
    unsafe { linker.func_new_unchecked(function.module(), function.name(), ty, call) }?;
    Ok(())
}

#[inline]
fn slots(raw: &mut [MaybeUninit<ValRaw>], needs: Needs) -> Slots<'_> {
    // SAFETY: Wasmtime passes the parameters of the function's type in the first slots and has room
    // for its results, and `needs` counts those of the record that the type was made of; see
    // `define_raw`.
    unsafe { Slots::new(raw, needs.parameters, needs.results) }
}

/// Begins a call: borrows what a shim needs from the store, its data, and the guest's memory if
/// it is used.
///
/// Inlined wherever a call begins, for there `needs` is a constant.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
fn begin<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    raw: &'a mut [MaybeUninit<ValRaw>],
    function: &'static HostFunction,
    needs: Needs,
    project: impl Fn(&mut T) -> &mut HostData,
    claims: &'a mut Claims,
) -> wasmtime::Result<Call<'a>> {
    let slots = slots(raw, needs);
    if !needs.memory {
        return Ok(Call::new(slots, None, project(caller.data_mut())));
    }
    let memory = match find(caller, needs.memory_name, &project) {
        Ok(memory) => memory,
        Err(reason) => return Err(no_memory(*reason, function)),
    };
    let (bytes, data) = memory.data_and_store_mut(caller);
    let memory = GuestMemory::new(bytes, claims);
    Ok(Call::new(slots, Some(memory), project(data)))
}

#[cold]
#[inline(never)]
fn no_memory(reason: NoMemory, function: &'static HostFunction) -> wasmtime::Error {
    let parameter = function
        .parameters()
        .iter()
        .position(Parameter::uses_memory);
    blame(BadValue::NoMemory(reason).into(), function, parameter)
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
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
fn find<T: 'static>(
    caller: &mut Caller<'_, T>,
    name: Option<&'static str>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Memory, Box<NoMemory>> {
    let finder = project(caller.data_mut()).finder(name);
    if let Some(memory) = finder.only() {
        return Ok(memory);
    }
    if let Some(export) = finder.known(0)
        && let Some(Extern::Memory(memory)) = caller.get_module_export(&export)
    {
        return Ok(memory);
    }
    find_export(caller, name, project)
}

/// Tries what is known of other modules, and asks the stack in the end.
#[cold]
#[inline(never)]
fn find_export<T: 'static>(
    caller: &mut Caller<'_, T>,
    name: Option<&'static str>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Memory, Box<NoMemory>> {
    let mut index = 0;
    while let Some(export) = project(caller.data_mut()).finder(name).known(index) {
        if let Some(found) = caller.get_module_export(&export) {
            return Ok(memory::unshared(&found)?);
        }
        index += 1;
    }
    let finder = project(caller.data_mut()).finder(name);
    let wanted = finder.name().map(str::to_owned);
    let (export, memory) = memory::ask_stack(caller, wanted.as_deref())?;
    if let Some(export) = export {
        project(caller.data_mut()).finder(name).learn(export);
    }
    Ok(memory)
}

/// One call of a host function that takes the `Caller`.
#[doc(hidden)]
pub struct CallerCall<'a, T: 'static> {
    raw: &'a mut [MaybeUninit<ValRaw>],
    project: &'a Projection<T>,
    function: &'static HostFunction,
    needs: Needs,
    /// Whether the parameters are behind: what fails now is the function itself.
    entered: bool,
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
        make: impl FnOnce(&mut Call<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let (project, function) = (&**self.project, self.function);
        let mut claims = Claims::new();
        let mut call = begin(caller, self.raw, function, self.needs, project, &mut claims)?;
        let parameters =
            make(&mut call).map_err(|error| blame(error, function, call.failed_parameter()))?;
        self.entered = true;
        Ok(parameters)
    }

    /// The call once the function has returned, to pass its result.
    pub fn returned(&mut self) -> Call<'_> {
        Call::without_store(slots(self.raw, self.needs))
    }
}

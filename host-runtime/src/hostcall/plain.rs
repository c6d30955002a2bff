//! The way of a call from the guest to a shim.

use wasmtime::Caller;

use crate::{
    abi::{CallReferences, CoreType, GuestSize, Passed, ReturnPointerAt},
    call::Hostcall,
    error::{FailedAt, ValueError},
    hostcall::{
        define::FunctionSlots,
        error::{HostCallError, with_call_context},
        function_import::Lookup,
        memory::guest_memory,
    },
    memory::{Claims, GuestMemory, MemoryRef},
    registry::{HostFunction, Record},
    store::{HostData, StateMap, StateNeed},
};

/// The shim that the attribute makes of a function.
///
/// # Safety
///
/// `call` makes the parameters of `RECORD`, each once and in order, and passes on a result of its
/// result type, once. `FUNCTION` is made of this shim by [`HostFunction::plain`].
#[doc(hidden)]
pub unsafe trait Shim: 'static {
    /// What the function is to a guest.
    const RECORD: Record;

    /// The function that this shim calls: what a set lists.
    const FUNCTION: &'static HostFunction;

    /// Makes the parameters, calls the function, passes its result on.
    fn call(call: &mut Hostcall<'_>, states: &mut StateMap) -> wasmtime::Result<()>;
}

/// A shim behind a pointer: [`enter`].
pub(crate) type Enter = fn(
    FunctionSlots<'_>,
    Option<MemoryRef<'_>>,
    &mut HostData,
    Option<&mut CallReferences>,
) -> wasmtime::Result<()>;

/// Calls `F` with what the guest passed, the guest's memory if it is used, and the store's host
/// data.
///
/// All of it comes in registers, and the [`Hostcall`] is made here, so that it need not exist.
#[inline]
pub(crate) fn enter<F: Shim>(
    slots: FunctionSlots<'_>,
    memory: Option<MemoryRef<'_>>,
    host: &mut HostData,
    references: Option<&mut CallReferences>,
) -> wasmtime::Result<()> {
    let slots = slots.open_for::<F>(references);
    let (limits, states) = (host.limits(), host.states());
    if const { !F::FUNCTION.shape().memory } {
        return run::<F>(Hostcall::new(slots, None, limits), states);
    }
    let mut claims = Claims::default();
    let memory = memory.map(|memory| GuestMemory::new(memory, &mut claims));
    let result = run::<F>(Hostcall::new(slots, memory, limits), states);
    claims.end();
    result
}

#[inline]
fn run<F: Shim>(mut call: Hostcall<'_>, states: &mut StateMap) -> wasmtime::Result<()> {
    match F::call(&mut call, states) {
        Ok(()) => Ok(()),
        Err(error) => {
            let (failed_at, passed) = (call.failed_at(), call.passed());
            Err(with_overlap_context(error, F::FUNCTION, failed_at, passed))
        }
    }
}

/// As [`with_call_context`], with the parameter that the one at fault overlaps.
#[cold]
#[inline(never)]
fn with_overlap_context(
    error: wasmtime::Error,
    function: &'static HostFunction,
    failed_at: FailedAt,
    passed: Passed<'_>,
) -> wasmtime::Error {
    let (FailedAt::Parameter(index), Some(ValueError::Overlap { other, .. })) =
        (failed_at, error.downcast_ref())
    else {
        return with_call_context(error, function, failed_at);
    };
    let start = other.start as u64;
    let mut slot = usize::from(function.shape().returns == ReturnPointerAt::First);
    let mut overlapped = None;
    for (earlier, parameter) in function.parameters().iter().take(index).enumerate() {
        let types = parameter.types();
        if types.as_slice().first() == Some(&CoreType::Size) {
            let pointer = passed.size(slot);
            let is_empty = types.as_slice().get(1) == Some(&CoreType::Size)
                && passed.size(slot + 1) == Some(GuestSize(0));
            if pointer == Some(GuestSize(start)) && parameter.uses_memory() && !is_empty {
                overlapped.get_or_insert(earlier);
            }
        }
        slot += types.as_slice().len();
    }
    match overlapped {
        Some(other) => error.context(HostCallError::of_overlap(function, index, other)),
        None => with_call_context(error, function, failed_at),
    }
}

/// Calls `F`, which takes numbers only, in a store of a [`Runtime`](crate::Runtime).
///
/// A function of states is called by the closure if it cannot fail: what is left is so little then
/// that Wasmtime's own code takes it in, which saves more than the call costs.
#[expect(
    clippy::inline_always,
    reason = "a call costs half as much again without"
)]
#[inline(always)]
pub(super) fn call_inlined<F: Shim>(
    slots: FunctionSlots<'_>,
    host: &mut HostData,
) -> wasmtime::Result<()> {
    let out_of_line = const {
        let shape = F::FUNCTION.shape();
        assert!(shape.numbers_only());
        shape.infallible && !F::FUNCTION.state_needs().is_empty()
    };
    if out_of_line {
        enter_infallible::<F>(slots, host);
        return Ok(());
    }
    if const { !F::FUNCTION.state_needs().is_empty() } && !has_states(host, F::FUNCTION) {
        return Err(missing_state(host, F::FUNCTION));
    }
    enter::<F>(slots, None, host, None)
}

/// Whether the states that a function borrows are there. They are, as the module was linked with
/// them, unless others have had the store.
#[inline]
fn has_states(host: &mut HostData, function: &HostFunction) -> bool {
    host.guests().has_single_instance() || looks_up_states(host, function)
}

#[cold]
#[inline(never)]
fn looks_up_states(host: &HostData, function: &HostFunction) -> bool {
    host.check(function.state_needs()).is_ok()
}

#[cold]
#[inline(never)]
fn missing_state(host: &HostData, function: &'static HostFunction) -> wasmtime::Error {
    match host.check(function.state_needs()) {
        Err(missing) => with_call_context(missing.into(), function, FailedAt::Function),
        Ok(()) => wasmtime::format_err!("a state of {function} is missing"),
    }
}

/// As [`enter`], of a function of numbers and states that never fails: whoever calls into an
/// instance checks before that the states are there, or finds after a panic that they are not.
#[inline(never)]
fn enter_infallible<F: Shim>(slots: FunctionSlots<'_>, host: &mut HostData) {
    enter::<F>(slots, None, host, None).expect("its types say that it never fails");
}

/// A shim by a pointer, and what it takes to call it.
pub(super) struct PointedShim<P> {
    pub(super) function: &'static HostFunction,
    pub(super) states: &'static [StateNeed],
    pub(super) lookup: Lookup,
    pub(super) project: P,
    pub(super) enter: Enter,
}

impl<P> PointedShim<P> {
    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    pub(super) fn call<T: 'static>(
        &self,
        caller: &mut Caller<'_, T>,
        slots: FunctionSlots<'_>,
        memory: bool,
        references: Option<&mut CallReferences>,
    ) -> wasmtime::Result<()>
    where
        P: Fn(&mut T) -> &mut HostData,
    {
        let Self {
            function,
            lookup,
            project,
            ..
        } = self;
        let mut shared = None;
        let (memory, host) = if memory {
            let (memory, data) = guest_memory(caller, &mut shared, function, lookup, project)?;
            (Some(memory), project(data))
        } else {
            (None, project(caller.data_mut()))
        };
        // Of the very host data that they are borrowed from: the embedder may have put another in
        // its place.
        if !self.states.is_empty()
            && let Err(missing) = host.check(self.states)
        {
            return Err(with_call_context(
                missing.into(),
                function,
                FailedAt::Function,
            ));
        }
        (self.enter)(slots, memory, host, references)
    }
}

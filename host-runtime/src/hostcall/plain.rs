//! Calls of functions of numbers, memory and states.

use std::{any::Any, marker::PhantomData};

use wasmtime::Caller;

use crate::{
    abi::{CallReferences, CoreType, GuestSize, Passed, ReturnPointerAt},
    call::Hostcall,
    error::{FailedAt, ValueError},
    hostcall::{
        Entry, Shim, ShimEntry, ShimKind,
        define::{FunctionSlots, define_inlined},
        entry::Define,
        error::{HostCallError, with_call_context},
        function_import::Lookup,
        memory::guest_memory,
    },
    memory::{Claims, GuestMemory, MemoryRef},
    registry::{CallShape, HostFunction},
    store::{HostData, StateMap, StateNeed},
};

/// The kind of functions of numbers, memory and states.
#[doc(hidden)]
pub enum Plain {}

/// The context of their shims.
#[doc(hidden)]
pub struct PlainContext<'a> {
    pub call: Hostcall<'a>,
    pub states: &'a mut StateMap,
}

impl ShimKind for Plain {
    type Context<'a> = PlainContext<'a>;
    type Entry<F: Shim<Kind = Self>> = PlainEntry<F>;
}

#[doc(hidden)]
pub struct PlainEntry<F>(PhantomData<F>);

impl<F: Shim<Kind = Plain>> ShimEntry for PlainEntry<F> {
    const ENTRY: &'static (dyn Any + Send + Sync) = {
        // A function with memory is called through a pointer: that costs little beside the look-up
        // of the memory, and an inlined shim would make compile times a third longer.
        let define: Option<Define> = if CallShape::of(&F::RECORD).numbers_only() {
            Some(define_inlined::<F>)
        } else {
            None
        };
        &Entry::Plain {
            define,
            enter: enter::<F>,
        }
    };
}

/// [`enter`] for one shim.
pub(crate) type Enter = fn(
    FunctionSlots<'_>,
    Option<MemoryRef<'_>>,
    &mut HostData,
    Option<&mut CallReferences>,
) -> wasmtime::Result<()>;

/// Calls the shim `F` with the slots, the guest's memory if `F` uses it, and the host data.
///
/// The arguments are passed in registers. The [`Hostcall`] is made here, so that the compiler can
/// keep it in registers too.
#[inline]
pub(crate) fn enter<F: Shim<Kind = Plain>>(
    slots: FunctionSlots<'_>,
    memory: Option<MemoryRef<'_>>,
    host: &mut HostData,
    references: Option<&mut CallReferences>,
) -> wasmtime::Result<()> {
    if const { is_out_of_line::<F>() } {
        enter_infallible::<F>(slots, host);
        return Ok(());
    }
    if const { !F::FUNCTION.shape().memory } {
        return run_without_memory::<F>(slots, host, references);
    }
    let slots = slots.open_for::<F>(references);
    let (limits, states) = (host.limits(), host.states());
    let mut claims = Claims::default();
    let memory = memory.map(|memory| GuestMemory::new(memory, &mut claims));
    let call = Hostcall::new(slots, memory, limits);
    let result = run::<F>(PlainContext { call, states });
    claims.end();
    result
}

/// True for a function that takes and returns numbers, borrows states, and cannot fail.
const fn is_out_of_line<F: Shim>() -> bool {
    let shape = F::FUNCTION.shape();
    shape.numbers_only() && shape.infallible && !F::FUNCTION.state_needs().is_empty()
}

/// Calls the shim of a function for which [`is_out_of_line`] is true.
///
/// It is not inlined, so that its caller is small enough for LLVM to inline that into Wasmtime's
/// code. This saves more than the call costs. `ExportedFunc::call` checks before the call that the
/// states exist, and checks again after a panic.
#[inline(never)]
fn enter_infallible<F: Shim<Kind = Plain>>(slots: FunctionSlots<'_>, host: &mut HostData) {
    run_without_memory::<F>(slots, host, None).expect("its types say that it never fails");
}

#[inline]
fn run_without_memory<F: Shim<Kind = Plain>>(
    slots: FunctionSlots<'_>,
    host: &mut HostData,
    references: Option<&mut CallReferences>,
) -> wasmtime::Result<()> {
    let slots = slots.open_for::<F>(references);
    let call = Hostcall::new(slots, None, host.limits());
    let states = host.states();
    run::<F>(PlainContext { call, states })
}

#[inline]
fn run<F: Shim<Kind = Plain>>(mut cx: PlainContext<'_>) -> wasmtime::Result<()> {
    match F::call(&mut cx) {
        Ok(()) => Ok(()),
        Err(error) => {
            let failed_at = cx.call.failed_at();
            // Functions that cannot fail by an overlap do without the code for it.
            if const { F::FUNCTION.shape().several_memory } {
                let passed = cx.call.passed();
                return Err(with_overlap_context(error, F::FUNCTION, failed_at, passed));
            }
            Err(with_call_context(error, F::FUNCTION, failed_at))
        }
    }
}

/// As [`with_call_context`], and names the parameter that the failed parameter overlaps.
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
#[expect(
    clippy::inline_always,
    reason = "a call costs half as much again without"
)]
#[inline(always)]
pub(super) fn call_inlined<F: Shim<Kind = Plain>>(
    slots: FunctionSlots<'_>,
    host: &mut HostData,
) -> wasmtime::Result<()> {
    const { assert!(F::FUNCTION.shape().numbers_only()) };
    let may_miss_states =
        const { !(F::FUNCTION.state_needs().is_empty() || is_out_of_line::<F>()) };
    if may_miss_states && !has_states(host, F::FUNCTION) {
        return Err(missing_state(host, F::FUNCTION));
    }
    enter::<F>(slots, None, host, None)
}

/// Checks that the states exist which a function borrows. They do unless other code has had the
/// store, because linking checks them.
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

/// A shim that is called through a pointer, and the values that this takes.
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
        // The states are borrowed from this host data. The embedder may have replaced the one that
        // was checked before.
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

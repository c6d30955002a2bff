//! The way of a call from the guest to a shim.

use std::mem::MaybeUninit;

use wasmtime::{Caller, Linker, ValRaw};

use crate::{
    abi::{CoreType, GuestSize, Outside, Passed, Raw, ReturnPointerAt, Width},
    call::Hostcall,
    error::{BadValue, Culprit},
    hostcall::{
        error::{HostCallError, blame},
        find::guest_memory,
        raw::{define_raw, slots, with_outside},
        wanted::{Lookup, Wanted},
    },
    memory::{Claims, GuestMemory, MemoryParts, MemoryRef},
    registry::{HostFunction, Record},
    store::{HostData, StateMap, StateNeed},
};

/// The shim that the attribute makes of a function.
///
/// # Safety
///
/// `call` makes the parameters of `RECORD`, each once and in order, and passes on a result of its result
/// type, once. `FUNCTION` is made of this shim by [`HostFunction::plain`].
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
pub(crate) type Enter = unsafe fn(
    Raw<'_>,
    Mode,
    Option<MemoryParts<'_>>,
    &mut HostData,
    Option<&mut Outside>,
) -> wasmtime::Result<()>;

/// What kind of memory the guest that calls has.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum Mode {
    Narrow,
    NarrowOfThreads,
    Wide,
    WideOfThreads,
}

impl Mode {
    #[inline]
    pub(crate) fn new(width: Width, threads: bool) -> Self {
        match (width, threads) {
            (Width::Narrow, false) => Self::Narrow,
            (Width::Narrow, true) => Self::NarrowOfThreads,
            (Width::Wide, false) => Self::Wide,
            (Width::Wide, true) => Self::WideOfThreads,
        }
    }

    #[inline]
    fn width(self) -> Width {
        match self {
            Self::Narrow | Self::NarrowOfThreads => Width::Narrow,
            Self::Wide | Self::WideOfThreads => Width::Wide,
        }
    }

    #[inline]
    fn threads(self) -> bool {
        matches!(self, Self::NarrowOfThreads | Self::WideOfThreads)
    }
}

/// Calls `F` with what the guest passed, the guest's memory if it is used, and the store's host
/// data.
///
/// All of it comes in registers, and the [`Hostcall`] is made here, so that it need not exist.
///
/// # Safety
///
/// `raw` are the slots that Wasmtime passes to a function of `F::FUNCTION`'s type for that mode, which is
/// the memory's.
#[inline]
pub(crate) unsafe fn enter<F: Shim>(
    raw: Raw<'_>,
    mode: Mode,
    memory: Option<MemoryParts<'_>>,
    host: &mut HostData,
    outside: Option<&mut Outside>,
) -> wasmtime::Result<()> {
    let needs = const { F::FUNCTION.needs() };
    // SAFETY: the slots are of `F::FUNCTION`'s type for that mode, as the contract of this function has it.
    let slots = unsafe { slots(raw, needs, mode.width(), outside) };
    let (limits, states) = (host.limits(), host.states());
    if !needs.memory {
        return run::<F>(Hostcall::new(slots, None, limits), states);
    }
    let mut claims = Claims::default();
    let memory = memory.map(|memory| {
        // SAFETY: the mode is that of the memory, as the contract of this function has it.
        let memory = unsafe { MemoryRef::from_parts(memory, mode.threads()) };
        GuestMemory::new(memory, &mut claims)
    });
    let result = run::<F>(Hostcall::new(slots, memory, limits), states);
    claims.end();
    result
}

#[inline]
fn run<F: Shim>(mut call: Hostcall<'_>, states: &mut StateMap) -> wasmtime::Result<()> {
    match F::call(&mut call, states) {
        Ok(()) => Ok(()),
        Err(error) => {
            let (culprit, passed) = (call.culprit(), call.passed());
            // SAFETY: a result is written after all parameters have been made, so none is the culprit then.
            Err(unsafe { blame_call(error, F::FUNCTION, culprit, passed) })
        }
    }
}

/// As [`blame`], with the parameter that the culprit overlaps.
///
/// # Safety
///
/// If a parameter is the culprit, no result has been written.
#[cold]
#[inline(never)]
unsafe fn blame_call(
    error: wasmtime::Error,
    function: &'static HostFunction,
    culprit: Culprit,
    passed: Passed,
) -> wasmtime::Error {
    let (Culprit::Parameter(index), Some(BadValue::Overlap { other, .. })) =
        (culprit, error.downcast_ref())
    else {
        return blame(error, function, culprit);
    };
    let start = other.start as u64;
    let mut slot = usize::from(function.needs().returns == ReturnPointerAt::First);
    let mut overlapped = None;
    for (earlier, parameter) in function.parameters().iter().take(index).enumerate() {
        let types = parameter.types();
        if types.as_slice().first() == Some(&CoreType::Size) {
            // SAFETY: a parameter is the culprit, so no result has been written, as the contract of this function
            // has it.
            let pointer = unsafe { passed.size(slot) };
            if pointer == Some(GuestSize(start)) {
                overlapped = Some(earlier);
            }
        }
        slot += types.as_slice().len();
    }
    match overlapped {
        Some(other) => error.context(HostCallError::of_overlap(function, index, other)),
        None => blame(error, function, culprit),
    }
}

/// Defines `F`, which takes numbers only, in the linker of a [`Runtime`](crate::Runtime).
///
/// The shim is part of the closure's own code: behind a pointer, as [`define`] has it, a call that
/// passes numbers only would take half as long again. This is compiled once for each such function
/// of a program, so it leaves to others what does not need `F`.
///
/// A function of states is called by the closure if it cannot fail: what is left is so little then that
/// Wasmtime's own code takes it in, which saves more than the call costs.
pub(crate) fn define_inlined<F: Shim>(
    linker: &mut Linker<HostData>,
    wanted: &Wanted,
) -> wasmtime::Result<()> {
    let call = |mut caller: Caller<'_, HostData>, raw: &mut [MaybeUninit<ValRaw>]| {
        let (raw, host) = (raw.into(), caller.data_mut());
        let out_of_line = const {
            let needs = F::FUNCTION.needs();
            assert!(needs.numbers_only());
            needs.infallible && !F::FUNCTION.state_needs().is_empty()
        };
        if out_of_line {
            // SAFETY: Wasmtime passes slots of `F::FUNCTION`'s type, by which it is defined below and which numbers
            // have whatever the width.
            unsafe { enter_infallible::<F>(raw, host) };
            return Ok(());
        }
        if const { !F::FUNCTION.state_needs().is_empty() } && !has_states(host, F::FUNCTION) {
            return Err(missing_state(host, F::FUNCTION));
        }
        // SAFETY: Wasmtime passes slots of `F::FUNCTION`'s type, by which it is defined below and which numbers
        // have whatever the width.
        unsafe { enter::<F>(raw, Mode::Narrow, None, host, None) }
    };
    // SAFETY: `call` calls the shim of the function with its slots.
    unsafe { define_raw(linker, F::FUNCTION, wanted, call) }
}

/// Whether the states that a function borrows are there. They are, as the module was linked with them,
/// unless others have had the store.
#[inline]
fn has_states(host: &mut HostData, function: &HostFunction) -> bool {
    host.guests().is_sole() || looks_up_states(host, function)
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
        Err(missing) => blame(missing.into(), function, Culprit::Function),
        Ok(()) => wasmtime::format_err!("a state of {function} is missing"),
    }
}

/// As [`enter`], of a function of numbers and states that never fails: whoever calls into an instance whose
/// store others have had checks before that the states are there.
///
/// # Safety
///
/// As for [`enter`], with [`Mode::Narrow`].
#[inline(never)]
unsafe fn enter_infallible<F: Shim>(raw: Raw<'_>, host: &mut HostData) {
    // SAFETY: the contract of this function is that of `enter`, with this mode.
    let result = unsafe { enter::<F>(raw, Mode::Narrow, None, host, None) };
    result.expect("its types say that it never fails");
}

/// Defines a function in a linker of any store data, by a pointer to its shim.
pub(super) fn define<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &Wanted,
    project: P,
    enter: Enter,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    let needs = function.needs();
    let memory = needs.memory;
    let shim = PointedShim {
        function,
        states: function.state_needs(),
        width: wanted.width,
        lookup: wanted.lookup(function),
        project,
        enter,
    };
    // A closure for each, so that none checks in a call what is known here.
    if needs.outside() {
        let call = move |mut caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
            // SAFETY: Wasmtime passes slots of `function`'s type for `shim.width`, by which it is defined below.
            let run = |caller: &mut Caller<'_, T>, raw: Raw<'_>, outside: &mut _| unsafe {
                shim.call(caller, raw, memory, Some(outside))
            };
            // SAFETY: Wasmtime passes slots of `function`'s type for `shim.width`, by which it is defined below.
            unsafe {
                with_outside(
                    &mut caller,
                    &shim.project,
                    &shim.lookup,
                    function,
                    shim.width,
                    raw,
                    run,
                )
            }
        };
        // SAFETY: `call` calls the shim of the function with its slots.
        return unsafe { define_raw(linker, function, wanted, call) };
    }
    if memory {
        let call = move |mut caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
            // SAFETY: Wasmtime passes slots of `function`'s type for `shim.width`, by which it is defined below.
            unsafe { shim.call(&mut caller, raw.into(), true, None) }
        };
        // SAFETY: `call` calls the shim of the function with its slots.
        return unsafe { define_raw(linker, function, wanted, call) };
    }
    let call = move |mut caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
        // SAFETY: Wasmtime passes slots of `function`'s type for `shim.width`, by which it is defined below.
        unsafe { shim.call(&mut caller, raw.into(), false, None) }
    };
    // SAFETY: `call` calls the shim of the function with its slots.
    unsafe { define_raw(linker, function, wanted, call) }
}

/// A shim by a pointer, and what it takes to call it.
struct PointedShim<P> {
    function: &'static HostFunction,
    states: &'static [StateNeed],
    width: Width,
    lookup: Lookup,
    project: P,
    enter: Enter,
}

impl<P> PointedShim<P> {
    /// # Safety
    ///
    /// `raw` are the slots that Wasmtime passes to a function of `self.function`'s type for that width.
    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    unsafe fn call<T: 'static>(
        &self,
        caller: &mut Caller<'_, T>,
        raw: Raw<'_>,
        memory: bool,
        outside: Option<&mut Outside>,
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
        // Of the very host data that they are borrowed from: the embedder may have put another in its place.
        if !self.states.is_empty()
            && let Err(missing) = host.check(self.states)
        {
            return Err(blame(missing.into(), function, Culprit::Function));
        }
        let threads = memory.as_ref().is_some_and(MemoryRef::is_shared);
        let (mode, memory) = (
            Mode::new(self.width, threads),
            memory.map(MemoryRef::into_parts),
        );
        // SAFETY: `enter` is the function's own, and the slots are of its type for `self.width`, as the contract
        // of this method has it.
        unsafe { (self.enter)(raw, mode, memory, host, outside) }
    }
}

//! The way of a call from the guest to a shim.

use std::mem::MaybeUninit;

use wasmtime::{Caller, Linker, SharedMemory, ValRaw};

use crate::{
    call::{Hostcall, Passed, Raw, Slots},
    error::{BadValue, Culprit, HostCallError},
    guest::Guest,
    linker::{Wanted, access::CallerAccess, wanted::Lookup},
    memory::{self, Claims, Found, GuestMemory, MemoryRef, NoMemory},
    outside::Outside,
    registry::{HostFunction, Needs, Parameter, Record, StateNeed},
    room::Misplaced,
    state::{CallingGuest, HostData, StateMap},
    values::{CoreType, GuestSize, ReturnPointerAt, Width},
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
    Option<MemoryRef<'_>>,
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
    memory: Option<MemoryRef<'_>>,
    host: &mut HostData,
    outside: Option<&mut Outside>,
) -> wasmtime::Result<()> {
    let needs = const { F::FUNCTION.needs() };
    // SAFETY: the caller says so.
    let slots = unsafe { slots(raw, needs, mode.width(), outside) };
    let (limits, states) = (host.limits(), host.states());
    if !needs.memory {
        return run::<F>(Hostcall::new(slots, None, limits), states);
    }
    let mut claims = Claims::default();
    let memory = memory.map(|memory| {
        // SAFETY: the caller says so.
        unsafe { GuestMemory::new(memory, mode.threads(), &mut claims) }
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
            // SAFETY: a result is written after the parameters have been made, of which none can overlap then.
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
            // SAFETY: the caller says so.
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
    define_raw(linker, F::FUNCTION, wanted, |mut caller, raw| {
        let (raw, host) = (raw.into(), caller.data_mut());
        let out_of_line = const {
            let needs = F::FUNCTION.needs();
            assert!(needs.numbers_only());
            needs.infallible && !F::FUNCTION.state_needs().is_empty()
        };
        if out_of_line {
            // SAFETY: `define_raw` defines a function of `F::FUNCTION`'s type, which numbers have whatever
            // the width.
            unsafe { enter_infallible::<F>(raw, host) };
            return Ok(());
        }
        if const { !F::FUNCTION.state_needs().is_empty() } && !has_states(host, F::FUNCTION) {
            return Err(missing_state(host, F::FUNCTION));
        }
        // SAFETY: as above.
        unsafe { enter::<F>(raw, Mode::Narrow, None, host, None) }
    })
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
    // SAFETY: the caller says so.
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
        return define_raw(linker, function, wanted, move |mut caller, raw| {
            // SAFETY: `define_raw` defines a function of `function`'s type for `shim.width`.
            let run = |caller: &mut Caller<'_, T>, raw: Raw<'_>, outside: &mut _| unsafe {
                shim.call(caller, raw, memory, Some(outside))
            };
            // SAFETY: as for `run`.
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
        });
    }
    if memory {
        return define_raw(linker, function, wanted, move |mut caller, raw| {
            // SAFETY: `define_raw` defines a function of `function`'s type for `shim.width`.
            unsafe { shim.call(&mut caller, raw.into(), true, None) }
        });
    }
    define_raw(linker, function, wanted, move |mut caller, raw| {
        // SAFETY: `define_raw` defines a function of `function`'s type for `shim.width`.
        unsafe { shim.call(&mut caller, raw.into(), false, None) }
    })
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
        let (threads, memory, host) = if memory {
            let (threads, memory, data) =
                guest_memory(caller, &mut shared, function, lookup, project)?;
            (threads, Some(memory), project(data))
        } else {
            (false, None, project(caller.data_mut()))
        };
        // Of the very host data that they are borrowed from: the embedder may have put another in its place.
        if !self.states.is_empty()
            && let Err(missing) = host.check(self.states)
        {
            return Err(blame(missing.into(), function, Culprit::Function));
        }
        let mode = Mode::new(self.width, threads);
        // SAFETY: `enter` is the function's own, and the caller says whose the slots are, `guest_memory`
        // whose the memory is.
        unsafe { (self.enter)(raw, mode, memory, host, outside) }
    }
}

/// Runs what enters a shim between what it needs the store for: the references that the guest passed
/// are made before, and what it gets of references and of room in its memory after.
///
/// # Safety
///
/// `raw` are the slots that Wasmtime passes to a function of `function`'s type for that width.
pub(super) unsafe fn with_outside<T: 'static, P: Fn(&mut T) -> &mut HostData>(
    caller: &mut Caller<'_, T>,
    project: &P,
    lookup: &Lookup,
    function: &'static HostFunction,
    width: Width,
    raw: &mut [MaybeUninit<ValRaw>],
    run: impl FnOnce(&mut Caller<'_, T>, Raw<'_>, &mut Outside) -> wasmtime::Result<()>,
) -> wasmtime::Result<()> {
    // SAFETY: the caller says so.
    let outside = unsafe { Outside::given(caller, raw, function.param_types(width)) };
    let mut outside = outside?;
    run(caller, (&mut *raw).into(), &mut outside)?;
    if function.needs().rooms {
        let mut access = CallerAccess::new(caller, project, lookup);
        let guest = Guest::new(&mut access, width);
        let placed = outside.place(guest, raw);
        placed.map_err(|Misplaced { culprit, error }| blame(error, function, culprit))?;
    }
    if function.needs().references {
        outside.finish(caller, raw, function.result_types(width))?;
    }
    Ok(())
}

pub(super) fn define_raw<T: 'static>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &Wanted,
    call: impl Fn(Caller<'_, T>, &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()>
    + Send
    + Sync
    + 'static,
) -> wasmtime::Result<()> {
    let ty = wanted.func_type(function, linker.engine());
    // SAFETY: the function must read parameters and write results as `ty` has them. `ty` is matched by the
    // function's own type, so what is passed is of that, and what it returns is of `ty`. Its own is made of
    // the `CoreTypes` of the parameters and of the result, in order. Its shim reads and writes each once by the
    // same types' `CoreValues` and `CoreResults`, whose `TYPES` those are: `Shim`, `GuestShim` and `CallerShim`
    // say so. A user's type has no way to the slots: it gets no `Hostcall`, and `CoreValues` and `CoreResults`
    // are sealed. References are written by `Outside::finish`, which fails where the shim has given none, or
    // one of another type.
    unsafe { linker.func_new_unchecked(function.module(), function.name(), ty, call) }?;
    Ok(())
}

/// # Safety
///
/// `raw` are the slots that Wasmtime passes to a function with these needs, for that width.
#[inline]
pub(super) unsafe fn slots<'a>(
    raw: Raw<'a>,
    needs: Needs,
    width: Width,
    outside: Option<&'a mut Outside>,
) -> Slots<'a> {
    let counts = (needs.parameters.into(), needs.results.into());
    // SAFETY: Wasmtime passes the parameters of the function's type in the first slots and has room
    // for its results, and `needs` counts those of the record that the type was made of; see
    // `define_raw`.
    let mut slots = unsafe { Slots::new(raw, counts.0, counts.1, width, outside) };
    if matches!(needs.returns, ReturnPointerAt::First) {
        slots.skip();
    }
    slots
}

/// Whether threads share the guest's memory, the memory, and the store's data beside it.
///
/// A memory that threads share is kept in `shared`, so that it lives as long as the bytes are borrowed.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
pub(super) fn guest_memory<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    shared: &'a mut Option<SharedMemory>,
    function: &'static HostFunction,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> wasmtime::Result<(bool, MemoryRef<'a>, &'a mut T)> {
    find_memory(caller, shared, lookup, project).map_err(|reason| no_memory(*reason, function))
}

/// As [`guest_memory`], of whichever function.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
pub(super) fn find_memory<'a, T: 'static>(
    caller: &'a mut Caller<'_, T>,
    shared: &'a mut Option<SharedMemory>,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<(bool, MemoryRef<'a>, &'a mut T), Box<NoMemory>> {
    let guests = project(caller.data_mut()).guests();
    if !guests.is_careful()
        && let Some(export) = guests.learned.first(lookup.exports.memory_name())
        && let Some(bytes) = export.bytes(caller)
    {
        // SAFETY: they are a memory's of the store which no thread shares, as `QuickExport::bytes` says.
        // The store is borrowed for `'a`, and used no more but for its data: that lies apart, as it does in
        // `Memory::data_and_store_mut`.
        let bytes = unsafe { &mut *bytes.as_ptr() };
        return Ok((false, bytes.into(), caller.data_mut()));
    }
    match find(caller, lookup, &project)? {
        Found::Own(memory) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            Ok((false, bytes.into(), data))
        }
        Found::OfThreads(memory) => {
            let bytes = shared.insert(memory).data();
            Ok((true, MemoryRef::of_threads(bytes), caller.data_mut()))
        }
    }
}

#[cold]
#[inline(never)]
pub(super) fn no_memory(reason: NoMemory, function: &'static HostFunction) -> wasmtime::Error {
    let mut parameters = function.parameters().iter();
    let parameter = parameters.position(Parameter::uses_memory);
    let culprit = match parameter {
        Some(parameter) if reason == NoMemory::NoGuest => Culprit::NoGuest(parameter),
        Some(parameter) => Culprit::Parameter(parameter),
        None => Culprit::Function,
    };
    blame(BadValue::NoMemory(reason).into(), function, culprit)
}

#[cold]
#[inline(never)]
pub(super) fn blame(
    mut error: wasmtime::Error,
    function: &'static HostFunction,
    culprit: Culprit,
) -> wasmtime::Error {
    // The innermost hostcall is the one that failed; those around it are said in one line.
    if let Some(inner) = error.downcast_mut::<HostCallError>() {
        inner.add_caller(function);
        return error;
    }
    error.context(HostCallError::new(function, culprit))
}

/// The memory of the guest that calls, to do more than borrow its bytes.
#[expect(clippy::inline_always, reason = "a call costs a third more without")]
#[inline(always)]
pub(super) fn find<T: 'static>(
    caller: &mut Caller<'_, T>,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Found, Box<NoMemory>> {
    let guests = project(caller.data_mut()).guests();
    match guests.only_memory(lookup.exports.memory_name()) {
        Some(memory) => Ok(Found::Own(memory)),
        None => find_export(caller, lookup, project),
    }
}

/// The memory of an instance that is not the store's only one.
#[cold]
#[inline(never)]
fn find_export<T: 'static>(
    caller: &mut Caller<'_, T>,
    lookup: &Lookup,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Result<Found, Box<NoMemory>> {
    let name = lookup.exports.memory_name();
    let wanted = project(caller.data_mut()).guests().names().memory.clone();
    let wanted = wanted.as_deref();
    if let Some(memory) = lookup.exports.find_memory(caller, wanted) {
        let guests = project(caller.data_mut()).guests();
        if !guests.is_careful() && !guests.learned.has_first(name) {
            let module = memory::calling_module(caller);
            let known = module.and_then(|module| match name {
                Some(name) => memory::named_memory(&module, name),
                None => memory::locate_memory(&module, wanted).ok(),
            });
            let export = known.map(|known| known.quick());
            project(caller.data_mut())
                .guests()
                .learned
                .set_first(name, export);
        }
        return Ok(memory);
    }
    if let Some(memory) = find_calling(caller, name, &project) {
        return Ok(memory);
    }
    if name.is_none()
        && let Some(memory) = find_unusual(caller, wanted, &project)
    {
        return Ok(memory);
    }
    Err(Box::new(memory::explain(caller, name, wanted)))
}

/// The memory of the guest on whose behalf the host calls.
fn find_calling<T: 'static>(
    caller: &mut Caller<'_, T>,
    name: Option<&'static str>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Option<Found> {
    let guest = calling_guest(caller, project)?;
    match name {
        None => guest.memory,
        Some(name) => {
            let mut named = guest.named_memories.into_iter();
            named.find_map(|(known, memory)| (known == name).then_some(memory))
        }
    }
}

/// The guest on whose behalf the host calls, if it does.
pub(super) fn calling_guest<T: 'static>(
    caller: &mut Caller<'_, T>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Option<CallingGuest> {
    let guests = project(caller.data_mut()).guests();
    let (guest, store) = (guests.calling()?, guests.store()?);
    let trampolines = guests.trampolines().to_vec();
    let is_host = store.is(&*caller) && trampolines.iter().any(|one| one.is_caller(caller));
    is_host.then_some(guest)
}

/// The memory of an instance whose module was not known when linking, and exports it by a name of
/// its own.
fn find_unusual<T: 'static>(
    caller: &mut Caller<'_, T>,
    wanted: Option<&str>,
    project: impl Fn(&mut T) -> &mut HostData,
) -> Option<Found> {
    let mut index = 0;
    while let Some(known) = project(caller.data_mut()).guests().learned.unusual(index) {
        if let Some(memory) = known.clone().of_caller(caller) {
            return Found::new(memory).ok();
        }
        index += 1;
    }
    let module = memory::calling_module(caller)?;
    let learned = &mut project(caller.data_mut()).guests().learned;
    let known = learned.learn(&module, wanted)?;
    Found::new(known.of_caller(caller)?).ok()
}

//! Functions that Wasmtime calls with slots.

use std::mem::MaybeUninit;

use wasmtime::{Caller, Linker, ValRaw};

use crate::{
    abi::{Outside, Raw, ReturnPointerAt, Slots, Width},
    guest::{self, Guest, Misplaced},
    hostcall::{
        access::CallerAccess,
        error::blame,
        wanted::{Lookup, Wanted},
    },
    registry::{HostFunction, Needs},
    store::HostData,
};

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
        let placed = guest::place(guest, &mut outside, raw);
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

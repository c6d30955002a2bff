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
    // SAFETY: the first slots hold the parameters of the function's type, as the contract of this one has it.
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

/// Defines a function by what Wasmtime calls with its slots.
///
/// # Safety
///
/// `call` reads the slots as parameters of `function`'s type for `wanted.width`, and before it returns `Ok` it has
/// written results of that type to them. A shim of the function does so: `Shim`, `GuestShim` and `CallerShim` say
/// that it makes the parameters of the record and passes on its result, each by the `CoreValues` or `CoreResults`
/// whose `TYPES` the record has.
pub(super) unsafe fn define_raw<T: 'static>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &Wanted,
    call: impl Fn(Caller<'_, T>, &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()>
    + Send
    + Sync
    + 'static,
) -> wasmtime::Result<()> {
    let ty = wanted.func_type(function, linker.engine());
    // SAFETY: `call` takes and gives values of `function`'s own type, and `Wanted::func_type` gives one that this
    // type matches, so that Wasmtime passes what `call` takes, and takes what it gives.
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
    // SAFETY: the slots are of a function with these needs, which count its parameters and its results, as the
    // contract of this one has it.
    let mut slots = unsafe { Slots::new(raw, counts.0, counts.1, width, outside) };
    if matches!(needs.returns, ReturnPointerAt::First) {
        slots.skip();
    }
    slots
}

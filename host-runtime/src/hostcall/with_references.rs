//! Calls of functions that pass references, or results that are written to guest memory.

use wasmtime::Caller;

use crate::{
    abi::CallReferences,
    error::{FailedAt, ValueError},
    guest::{self, Access as _, Guest, PlacementError},
    hostcall::{
        access::CallerAccess,
        define::{Callee, FunctionSlots},
        error::with_call_context,
        function_import::Lookup,
    },
    store::HostData,
};

/// The result of a shim.
type Outcome = wasmtime::Result<()>;

/// Makes the references that the guest passed, runs the shim, then writes results to guest memory
/// and makes the references that the guest gets. A shim cannot do that: it has no store.
pub(super) fn with_references<T: 'static, P: Fn(&mut T) -> &mut HostData>(
    caller: &mut Caller<'_, T>,
    project: &P,
    lookup: &Lookup,
    mut slots: FunctionSlots<'_>,
    run: impl FnOnce(&mut Caller<'_, T>, FunctionSlots<'_>, &mut CallReferences) -> Outcome,
) -> wasmtime::Result<()> {
    let Callee {
        function,
        address_type,
    } = *slots.callee();
    let mut references = slots.references(caller)?;
    run(caller, slots.reborrow(), &mut references)?;
    if function.shape().deferred {
        let mut access = CallerAccess::new(caller, project, lookup);
        let guest = Guest::new(&mut access, address_type);
        let placed = guest::place(guest, &mut references, slots.results());
        placed.map_err(|PlacementError { failed_at, error }| {
            with_call_context(error, function, failed_at)
        })?;
    }
    if function.shape().references {
        let made = references.make(caller, function.result_types(address_type))?;
        let mut access = CallerAccess::new(caller, project, lookup);
        for value in made.given() {
            if !access.owns(value)? {
                let error = ValueError::OtherStore.into();
                return Err(with_call_context(error, function, FailedAt::Function));
            }
        }
        made.write(caller, slots.results())?;
    }
    Ok(())
}

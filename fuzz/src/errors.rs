//! What the host's errors say.

use host_runtime::{
    HostCallError, ValueError,
    errors::NoMemoryError,
    wasmtime::{Trap, WasmBacktrace},
};

use crate::oracle::{Entry, Verdict};

/// Whether a call has used up what it may, which the oracle knows nothing of.
pub fn is_exhausted(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(Trap::OutOfFuel | Trap::StackOverflow)
    )
}

/// Whether the error says of the function what the verdict does: that it failed, which of its parameters
/// or whether its return pointer is bad, or that there was no guest.
pub fn is_as_judged(error: &anyhow::Error, entry: &Entry, verdict: &Verdict) -> bool {
    let _ = error.to_string();
    let (place, no_guest) = match *verdict {
        Verdict::Bad(place) => (Some(place), false),
        Verdict::NoGuest(place) => (place, true),
        Verdict::Fails | Verdict::BadReturn => (None, false),
        Verdict::Returns(_) | Verdict::Open => return false,
    };
    let parameter = place.map(|place| &"abcdefgh"[place..=place]);
    let says_so = error.downcast_ref::<HostCallError>().is_some_and(|error| {
        if error.function().name() != entry.name {
            // One that it has had the guest call.
            let mut callers = error.callers();
            return matches!(verdict, Verdict::Fails | Verdict::NoGuest(None))
                && callers.any(|caller| caller.name() == entry.name);
        }
        error.parameter() == parameter
            && error.is_return_pointer() == matches!(verdict, Verdict::BadReturn)
    });
    let reason = error.downcast_ref();
    says_so && (!no_guest || matches!(reason, Some(ValueError::NoMemory(NoMemoryError::NoGuest))))
}

/// Whether the error says where the guest was.
pub fn has_stack(error: &anyhow::Error) -> bool {
    error.downcast_ref::<WasmBacktrace>().is_some()
}

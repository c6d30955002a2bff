//! The running calls of the host into guests, which are nested.

use std::{
    ptr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
};

use wasmtime::{Extern, Table};

use crate::{error::GuestCallError, exports::Found, store::StoreIdentity};

/// The budget while no hostcall has used some of it.
const WHOLE: usize = usize::MAX;

/// How much of the native stack calls without a trampoline may take, from the outermost call of the
/// host into a guest on: as much as Wasmtime gives to guests by default.
const DIRECT_STACK: usize = 512 << 10;

/// The running calls of one store.
///
/// They are kept behind an `Arc`, so that the end of a call restores them wherever the embedder has
/// put the host data meanwhile.
#[derive(Debug)]
pub(crate) struct GuestCalls {
    depth: AtomicU32,
    /// Whether a limit was reached: no further call is begun until the outermost has returned.
    refused: AtomicBool,
    /// The rest of the copy budget of the hostcall that made the innermost call, or [`WHOLE`].
    budget: AtomicUsize,
    /// The position of the native stack when the outermost call began.
    stack: AtomicUsize,
    /// The guest for which the innermost call was made, if it is recorded.
    guest: Mutex<Option<Arc<CallingGuest>>>,
}

/// The guest for which the host calls a function. If the callee is a host function, it uses the
/// items of this guest.
#[derive(Clone, Debug)]
pub(crate) struct CallingGuest {
    pub(crate) store: StoreIdentity,
    pub(crate) memory: Option<Found>,
    pub(crate) named_memories: Vec<(&'static str, Found)>,
    pub(crate) table: Option<Table>,
    /// The exports that host functions have looked up by name.
    pub(crate) exports: Vec<(String, Extern)>,
}

impl Default for GuestCalls {
    fn default() -> Self {
        Self {
            depth: AtomicU32::new(0),
            refused: AtomicBool::new(false),
            budget: AtomicUsize::new(WHOLE),
            stack: AtomicUsize::new(0),
            guest: Mutex::new(None),
        }
    }
}

impl GuestCalls {
    /// The number of running calls.
    #[inline]
    pub(crate) fn depth(&self) -> u32 {
        self.depth.load(Relaxed)
    }

    /// The rest of the copy budget for a hostcall, if a hostcall around it has used some.
    #[inline]
    pub(crate) fn budget_left(&self) -> Option<usize> {
        Some(self.budget.load(Relaxed)).filter(|left| *left != WHOLE)
    }

    /// The guest for which the host calls.
    pub(crate) fn calling(&self) -> Option<Arc<CallingGuest>> {
        self.guest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn replace_calling(&self, guest: Option<Arc<CallingGuest>>) -> Option<Arc<CallingGuest>> {
        let mut current = self.guest.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, guest)
    }
}

/// The calls of one host function into the guest, one after the other. Dropping it restores what
/// they have changed, also when the host function panics.
#[derive(Debug)]
pub(crate) struct NestedCall {
    calls: Arc<GuestCalls>,
    /// The number of calls around it.
    depth: u32,
    budget: usize,
    /// The recorded guest of the call around it, once another is recorded.
    replaced: Option<Replaced>,
}

/// The guest for which a call was made, if any.
#[derive(Debug)]
struct Replaced(Option<Arc<CallingGuest>>);

impl NestedCall {
    /// Begins, if fewer than `limit` are running.
    pub(crate) fn begin(calls: &Arc<GuestCalls>, limit: u32) -> Result<Self, GuestCallError> {
        if calls.refused.load(Relaxed) {
            return Err(GuestCallError::Refused);
        }
        let (depth, budget) = (calls.depth(), calls.budget.load(Relaxed));
        if depth >= limit {
            calls.refused.store(depth > 0, Relaxed);
            return Err(GuestCallError::TooDeep { limit });
        }
        if depth == 0 {
            calls.stack.store(stack_position(), Relaxed);
        }
        calls.depth.store(depth + 1, Relaxed);
        Ok(Self {
            calls: Arc::clone(calls),
            depth,
            budget,
            replaced: None,
        })
    }

    /// Checks that these are the calls of this store, and that no limit was reached.
    #[inline]
    pub(crate) fn may_go_on(&self, calls: &Arc<GuestCalls>) -> bool {
        Arc::ptr_eq(&self.calls, calls) && !calls.refused.load(Relaxed)
    }

    /// Sets the rest of the copy budget of the hostcall that makes the next call.
    #[inline]
    pub(crate) fn set_budget(&self, left: usize) {
        self.calls.budget.store(left, Relaxed);
    }

    /// Whether no other call is around it.
    #[inline]
    pub(crate) fn is_outermost(&self) -> bool {
        self.depth == 0
    }

    /// Checks whether the running calls leave native stack for one more call that does not go
    /// through WebAssembly.
    pub(crate) fn has_stack(&self) -> bool {
        let used = self.calls.stack.load(Relaxed).abs_diff(stack_position());
        used < DIRECT_STACK
    }

    /// Records the guest for which the call is made.
    pub(crate) fn set_calling(&mut self, guest: CallingGuest) {
        let before = self.calls.replace_calling(Some(Arc::new(guest)));
        self.replaced.get_or_insert(Replaced(before));
    }

    /// Refuses further calls until the outermost has returned.
    pub(crate) fn refuse_others(&self) {
        self.calls.refused.store(true, Relaxed);
    }
}

impl Drop for NestedCall {
    fn drop(&mut self) {
        self.calls.depth.store(self.depth, Relaxed);
        self.calls.budget.store(self.budget, Relaxed);
        if let Some(Replaced(before)) = self.replaced.take() {
            self.calls.replace_calling(before);
        }
        // Not before the outermost call ends: in a tree of calls, every branch would try again.
        if self.is_outermost() {
            self.calls.refused.store(false, Relaxed);
        }
    }
}

/// The approximate position of the native stack.
#[inline(never)]
fn stack_position() -> usize {
    let here = 0_u8;
    ptr::from_ref(&here).addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_restores_what_it_changes_in_any_order_of_limits() {
        let calls = Arc::new(GuestCalls::default());
        let outer = NestedCall::begin(&calls, 2).unwrap();
        outer.set_budget(7);
        assert!(outer.is_outermost());
        let inner = NestedCall::begin(&calls, 2).unwrap();
        assert_eq!((calls.depth(), calls.budget_left()), (2, Some(7)));
        assert_eq!(
            NestedCall::begin(&calls, 2).unwrap_err(),
            GuestCallError::TooDeep { limit: 2 }
        );
        drop(inner);
        assert_eq!(
            NestedCall::begin(&calls, 2).unwrap_err(),
            GuestCallError::Refused
        );
        drop(outer);
        assert_eq!((calls.depth(), calls.budget_left()), (0, None));
        assert!(NestedCall::begin(&calls, 2).is_ok());
    }

    #[test]
    fn a_call_restores_what_it_changes_when_it_panics() {
        let calls = Arc::new(GuestCalls::default());
        let panicked = std::panic::catch_unwind(|| {
            let call = NestedCall::begin(&calls, 9).unwrap();
            call.refuse_others();
            panic!("a host function panics");
        });
        assert!(panicked.is_err());
        assert_eq!((calls.depth(), calls.budget_left()), (0, None));
        assert!(NestedCall::begin(&calls, 9).is_ok());
    }

    #[test]
    fn the_stack_that_calls_use_is_bounded() {
        #[inline(never)]
        fn down(call: &NestedCall, levels: usize) -> usize {
            let frame = std::hint::black_box([0_u8; 4096]);
            if call.has_stack() && levels < 1000 {
                return down(call, levels + 1) + usize::from(frame[0]);
            }
            levels
        }
        let calls = Arc::new(GuestCalls::default());
        let call = NestedCall::begin(&calls, 9).unwrap();
        let levels = down(&call, 0);
        assert!((8..=128).contains(&levels), "{levels}");
    }
}

//! Calls of functions that take the whole store. Their other parameters are converted before the
//! call, and their results are passed on after it.

use crate::{
    abi::{CallReferences, Slots},
    call::Hostcall,
    error::FailedAt,
    hostcall::{define::FunctionSlots, error::with_call_context},
    memory::{Claims, GuestMemory, MemoryRef},
    registry::HostFunction,
    store::Limits,
};

/// The common part of such calls.
pub(super) struct StoreCall<'a> {
    slots: FunctionSlots<'a>,
    references: Option<&'a mut CallReferences>,
    /// True once all parameters are converted; later errors belong to the function.
    entered: bool,
    /// The rest of the copy budget after the parameters are converted.
    left: usize,
}

impl<'a> StoreCall<'a> {
    pub(super) fn new(
        slots: FunctionSlots<'a>,
        references: Option<&'a mut CallReferences>,
    ) -> Self {
        Self {
            slots,
            references,
            entered: false,
            left: 0,
        }
    }

    pub(super) fn function(&self) -> &'static HostFunction {
        self.slots.callee().function
    }

    pub(super) fn uses_memory(&self) -> bool {
        self.function().shape().memory
    }

    /// Converts the parameters; returns them and the rest of the copy budget.
    pub(super) fn parameters<P>(
        &mut self,
        memory: Option<MemoryRef<'_>>,
        limits: Limits,
        make: impl FnOnce(&mut Hostcall<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<(P, usize)> {
        let function = self.function();
        let mut claims = Claims::default();
        let memory = memory.map(|memory| GuestMemory::new(memory, &mut claims));
        let mut call = Hostcall::new(self.slots(), memory, limits);
        let parameters = make(&mut call)
            .map_err(|error| with_call_context(error, function, call.failed_at()))?;
        let left = call.budget();
        self.entered = true;
        self.left = left;
        Ok((parameters, left))
    }

    /// The call after the function has returned, to pass its result on.
    #[inline]
    pub(super) fn returned(&mut self) -> Hostcall<'_> {
        let left = self.left;
        Hostcall::without_store(self.slots(), left)
    }

    #[inline]
    fn slots(&mut self) -> Slots<'_> {
        let references = self.references.as_deref_mut();
        self.slots.reborrow().open(references)
    }

    /// Returns the result of the shim, and names the function if the function failed.
    pub(super) fn finish(self, result: wasmtime::Result<()>) -> wasmtime::Result<()> {
        match result {
            Err(error) if self.entered => Err(with_call_context(
                error,
                self.function(),
                FailedAt::Function,
            )),
            result => result,
        }
    }
}

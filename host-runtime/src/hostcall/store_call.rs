//! A call of a function that takes the whole store: its other parameters are made before, and its
//! result is passed after.

use crate::{
    abi::{CallReferences, Slots},
    call::Hostcall,
    error::FailedAt,
    hostcall::{define::FunctionSlots, error::with_call_context},
    memory::{Claims, GuestMemory, MemoryRef},
    registry::HostFunction,
    store::Limits,
};

/// What such calls have in common.
pub(super) struct StoreCall<'a> {
    slots: FunctionSlots<'a>,
    references: Option<&'a mut CallReferences>,
    /// Whether the parameters are behind: what fails now is the function itself.
    entered: bool,
    /// What is left of the copy budget, once the parameters are behind.
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
        self.slots.site().function
    }

    pub(super) fn uses_memory(&self) -> bool {
        self.function().shape().memory
    }

    /// Makes the parameters; gives them and what is left of the copy budget.
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

    /// The call once the function has returned, to pass its result.
    pub(super) fn returned(&mut self) -> Hostcall<'_> {
        let left = self.left;
        Hostcall::without_store(self.slots(), left)
    }

    fn slots(&mut self) -> Slots<'_> {
        let references = self.references.as_deref_mut();
        self.slots.reborrow().open(references)
    }

    /// The result of the shim, with the function's name if it was the function that failed.
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

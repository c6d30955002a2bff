//! The hostcall that caused an error.

use std::{fmt, ptr, sync::Arc};

use crate::{
    error::{FailedAt, NoMemoryError, ValueError},
    hostcall::ImportName,
    registry::{HostFunction, Location, Parameter},
};

/// The hostcall that caused an error: the import, its Rust function and the place of that function.
///
/// Every error of a call into the guest contains one if a host function failed during the call;
/// see [`ValueError`] for how to get it.
#[derive(Clone)]
pub struct HostCallError {
    failed: Called,
    failed_at: FailedAt,
    /// The parameter that the failed parameter overlaps.
    overlapped: Option<usize>,
    /// The host functions that were running when this one was called, each once, the innermost
    /// first.
    callers: Vec<Called>,
    /// How many calls of those were running.
    calls: usize,
}

/// A host function that a guest called.
#[derive(Clone)]
struct Called {
    function: &'static HostFunction,
    /// The import, if it is not the one that the function's record begins with.
    import: Option<Arc<ImportName>>,
}

impl Called {
    fn new(function: &'static HostFunction) -> Self {
        Self {
            function,
            import: None,
        }
    }

    fn module(&self) -> &str {
        match &self.import {
            Some(import) => &import.module,
            None => self.function.module(),
        }
    }

    fn name(&self) -> &str {
        match &self.import {
            Some(import) => &import.name,
            None => self.function.name(),
        }
    }
}

/// Prints the import as the guest called it: `` `ffi.print` ``.
impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::message::import(self.module(), self.name()))
    }
}

/// How many of the host functions around the failed one are printed.
const CALLERS_SHOWN: usize = 5;

impl HostCallError {
    #[cold]
    pub(crate) fn new(function: &'static HostFunction, failed_at: FailedAt) -> Self {
        Self {
            failed: Called::new(function),
            failed_at,
            overlapped: None,
            callers: Vec::new(),
            calls: 0,
        }
    }

    /// Makes the error of a parameter that overlaps an earlier one.
    #[cold]
    pub(crate) fn of_overlap(
        function: &'static HostFunction,
        parameter: usize,
        overlapped: usize,
    ) -> Self {
        Self {
            overlapped: Some(overlapped),
            ..Self::new(function, FailedAt::Parameter(parameter))
        }
    }

    /// Adds a host function whose call failed because of this error.
    pub(crate) fn add_caller(&mut self, caller: &'static HostFunction) {
        self.calls += 1;
        let mut known = self.callers.iter();
        if !known.any(|known| ptr::eq(known.function, caller)) {
            self.callers.push(Called::new(caller));
        }
    }

    /// Sets the import by which a guest called `function`. The call has just added its context.
    fn set_import(&mut self, function: &'static HostFunction, import: &Arc<ImportName>) {
        let mut calls = self.callers.iter_mut().chain([&mut self.failed]);
        if let Some(call) = calls.find(|call| ptr::eq(call.function, function)) {
            call.import = Some(Arc::clone(import));
        }
    }

    /// The host functions whose calls failed because of this one, each once, the innermost first.
    /// They had called the guest, which called the host again.
    pub fn callers(&self) -> impl Iterator<Item = &'static HostFunction> {
        self.callers.iter().map(|caller| caller.function)
    }

    /// The host function that was called.
    #[must_use]
    pub fn function(&self) -> &'static HostFunction {
        self.failed.function
    }

    /// The module that the guest imports the function from.
    #[must_use]
    pub fn module(&self) -> &str {
        self.failed.module()
    }

    /// The name by which the guest imports the function.
    #[must_use]
    pub fn name(&self) -> &str {
        self.failed.name()
    }

    /// The place of the Rust function in its source.
    #[must_use]
    pub fn location(&self) -> Location {
        self.function().location()
    }

    /// The parameter that could not be converted; `None` if the function itself failed, or if the
    /// [return pointer](Self::is_return_pointer) was bad.
    #[must_use]
    pub fn parameter(&self) -> Option<&'static str> {
        self.bad_parameter().map(Parameter::name)
    }

    /// Whether the result could not be written to the return pointer that the guest passed. The
    /// function has run in this case.
    #[must_use]
    pub fn is_return_pointer(&self) -> bool {
        self.failed_at == FailedAt::ReturnPointer
    }

    fn bad_parameter(&self) -> Option<&'static Parameter> {
        match self.failed_at {
            FailedAt::Parameter(index) | FailedAt::NoGuest(index) => {
                self.function().parameters().get(index)
            }
            _ => None,
        }
    }
}

impl fmt::Display for HostCallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (function, import) = (self.function(), &self.failed);
        if let Some(parameter) = self.bad_parameter() {
            let (name, ty) = (parameter.name(), parameter.rust_type());
            if let FailedAt::NoGuest(_) = self.failed_at {
                write!(
                    f,
                    "the host called {import} directly, but `{name}: {ty}` needs a calling guest"
                )?;
            } else {
                write!(f, "the guest called {import} with a bad `{name}: {ty}`")?;
            }
            let other = self
                .overlapped
                .and_then(|index| function.parameters().get(index));
            if let Some(other) = other {
                write!(
                    f,
                    ", which overlaps `{}: {}`",
                    other.name(),
                    other.rust_type()
                )?;
            }
        } else if self.is_return_pointer() {
            write!(f, "the guest called {import} with a bad return pointer")?;
        } else {
            write!(f, "the host function {import} failed")?;
        }
        write!(f, " ({})", function.location())?;
        if self.calls == 0 {
            return Ok(());
        }
        let calls = if self.calls == 1 { "call" } else { "calls" };
        write!(f, ", below {} {calls} of ", self.calls)?;
        let callers = self.callers.iter().take(CALLERS_SHOWN);
        crate::message::list(f, callers, ", ", "")?;
        match self.callers.len().saturating_sub(CALLERS_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more host functions"),
        }
    }
}

impl fmt::Debug for HostCallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cold]
#[inline(never)]
pub(super) fn no_memory(reason: NoMemoryError, function: &'static HostFunction) -> wasmtime::Error {
    let mut parameters = function.parameters().iter();
    let parameter = parameters.position(Parameter::uses_memory);
    let failed_at = match parameter {
        Some(parameter) if reason == NoMemoryError::NoGuest => FailedAt::NoGuest(parameter),
        Some(parameter) => FailedAt::Parameter(parameter),
        None => FailedAt::Function,
    };
    with_call_context(ValueError::NoMemory(reason).into(), function, failed_at)
}

#[cold]
#[inline(never)]
pub(super) fn with_call_context(
    mut error: wasmtime::Error,
    function: &'static HostFunction,
    failed_at: FailedAt,
) -> wasmtime::Error {
    // The innermost hostcall is the one that failed. Those around it are printed in one line.
    if let Some(inner) = error.downcast_mut::<HostCallError>() {
        inner.add_caller(function);
        return error;
    }
    error.context(HostCallError::new(function, failed_at))
}

/// Names the import by which a guest called `function`, in the context of its call.
#[cold]
#[inline(never)]
pub(super) fn with_import(
    mut error: wasmtime::Error,
    function: &'static HostFunction,
    import: &Arc<ImportName>,
) -> wasmtime::Error {
    if let Some(call) = error.downcast_mut::<HostCallError>() {
        call.set_import(function, import);
    }
    error
}

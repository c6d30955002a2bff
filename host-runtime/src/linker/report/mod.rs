//! The link report: all differences between the imports of a module and those of the host.

mod compare;
mod print;

use std::fmt;

use wasmtime::Module;

use crate::{
    hostcall::FunctionImport,
    registry::{HostFunction, HostGlobal, HostImport, Imports},
    store::MissingStateError,
};

pub(crate) use self::compare::ProvidedType;
pub(super) use self::print::{DoubledState, WrongCaller};

/// The result of comparing the imports of a module with those that the host offers.
///
/// [`Runtime::instantiate_pre`](crate::Runtime::instantiate_pre) returns it as an error if there is
/// a difference. [`Imports::report`] makes one for an embedder with its own linker. It prints all
/// differences at once:
///
/// ```
/// # use host_runtime::{LinkReport, Runtime, imports, wasm_import};
/// #[wasm_import(module = "ffi")]
/// fn print(_text: &str) {}
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![print]).build()?;
/// let error = runtime.instantiate(r#"(module
///     (import "env" "print" (func (param i32 i32)))
///     (memory (export "memory") 1))"#).unwrap_err();
/// let report: &LinkReport = error.downcast_ref().unwrap();
/// assert_eq!(report.missing()[0].import.module, "env");
/// assert_eq!(report.missing()[0].near[0].item.module(), "ffi");
/// assert!(report.to_string().contains("there is a `print` in `ffi`"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LinkReport {
    module: Option<String>,
    /// What the module imports as host functions.
    linked: Vec<LinkedFunction>,
    /// For each host function that it imports, the index of its first import in `linked`.
    used: Vec<usize>,
    used_globals: Vec<&'static HostGlobal>,
    missing: Vec<MissingImport>,
    ambiguous: Vec<AmbiguousImport>,
    mismatches: Vec<Mismatch>,
    missing_states: Vec<(&'static HostFunction, MissingStateError)>,
    doubled_states: Vec<(&'static HostFunction, &'static str)>,
    wrong_callers: Vec<(&'static HostFunction, &'static str)>,
    data: &'static str,
    unused: Vec<HostImport>,
    unused_provided: Vec<String>,
}

/// An import as the module declares it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Import {
    /// The module that it is imported from.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Its type in the text format: `(func (param i32))`.
    pub ty: String,
}

/// An import of the module that is a host function, and how the module imports it.
#[derive(Clone)]
pub(crate) struct LinkedFunction {
    pub(crate) function: &'static HostFunction,
    pub(crate) wanted: FunctionImport,
}

impl fmt::Debug for LinkedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.function.fmt(f)
    }
}

/// An import that the host does not offer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MissingImport {
    /// The import of the module.
    pub import: Import,
    /// Offered items that may be meant, the most similar first. Only the first 50 missing imports
    /// are compared.
    pub near: Vec<NearMiss>,
    /// An annotated item of the program for this import that is not in the set.
    pub elsewhere: Option<HostImport>,
}

/// An offered item that may be meant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NearMiss {
    /// The function or global.
    pub item: HostImport,
    /// The module that it is offered in.
    pub module: String,
    /// The name or the pattern that it is offered by.
    pub name: String,
    /// Whether it has the name of the missing import, in another module.
    pub same_name: bool,
}

/// An import that matches patterns of two functions, neither of which is more specific.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AmbiguousImport {
    /// The import of the module.
    pub import: Import,
    /// The two patterns and their functions.
    pub patterns: [(String, HostImport); 2],
}

/// An offered item whose type does not match that of the import.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mismatch {
    /// The function or global; `None` for a
    /// [provided](crate::RuntimeBuilder::provide) item.
    pub item: Option<HostImport>,
    /// The import of the module.
    pub import: Import,
    /// The pattern that the function is offered by, if it is offered by one.
    pub pattern: Option<String>,
    /// The host's type for this module, in the text format.
    pub host: String,
    /// The parameters and the result of a function, one row each, and the values that the guest
    /// passes beyond them.
    pub rows: Vec<MismatchRow>,
    /// Whether it would match for a guest whose memory has 32-bit addresses.
    pub memory64: bool,
}

/// One parameter, or the result, of a [`Mismatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MismatchRow {
    /// The parameter in Rust, `x: u8`; empty for a value that only the guest has.
    pub rust: String,
    /// The core types that the host function takes or gives.
    pub host: String,
    /// The core types that the guest passes or expects.
    pub guest: String,
    /// Whether those match.
    pub fits: bool,
}

impl Imports {
    /// Compares the imports of a module with the set.
    ///
    /// Other definitions of an embedder's linker are not known here: such imports are
    /// [`missing`](LinkReport::missing). States are not checked, because they are in the store.
    #[must_use]
    pub fn report(&self, module: &Module) -> LinkReport {
        LinkReport::new(self, module, None, |_, _| None)
    }
}

impl LinkReport {
    /// Whether the module can be linked: by a [`Runtime`](crate::Runtime), or by
    /// [`Imports::add_to_linker_for`] as far as a set without a store can tell.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.missing.is_empty()
            && self.is_consistent()
            && self.missing_states.is_empty()
            && self.doubled_states.is_empty()
            && self.wrong_callers.is_empty()
    }

    /// Whether each import that the set offers is offered once, with the right type.
    pub(super) fn is_consistent(&self) -> bool {
        self.mismatches.is_empty() && self.ambiguous.is_empty()
    }

    /// The host functions that the module imports, each once.
    #[must_use]
    pub fn used(&self) -> impl ExactSizeIterator<Item = &'static HostFunction> {
        self.used.iter().map(|&index| self.linked[index].function)
    }

    /// The imports of the module that are host functions, and how it imports them.
    pub(crate) fn linked(&self) -> &[LinkedFunction] {
        &self.linked
    }

    /// The globals that the module imports.
    #[must_use]
    pub fn used_globals(&self) -> &[&'static HostGlobal] {
        &self.used_globals
    }

    /// The imports that the host does not offer.
    #[must_use]
    pub fn missing(&self) -> &[MissingImport] {
        &self.missing
    }

    /// The imports that match patterns of two functions, neither of which is more specific.
    #[must_use]
    pub fn ambiguous(&self) -> &[AmbiguousImport] {
        &self.ambiguous
    }

    /// The imports whose type does not match that of the offered item.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    /// The functions that need a missing state, with that state.
    #[must_use]
    pub fn missing_states(&self) -> &[(&'static HostFunction, MissingStateError)] {
        &self.missing_states
    }

    /// The functions that borrow a state twice, under two names for its type, with that type.
    #[must_use]
    pub fn doubled_states(&self) -> &[(&'static HostFunction, &'static str)] {
        &self.doubled_states
    }

    /// The functions that take the `Caller` for other store data, with the type of that data.
    #[must_use]
    pub fn wrong_callers(&self) -> &[(&'static HostFunction, &'static str)] {
        &self.wrong_callers
    }

    /// The offered items that the module does not import.
    #[must_use]
    pub fn unused(&self) -> &[HostImport] {
        &self.unused
    }

    /// The [provided](crate::RuntimeBuilder::provide) items that the module does not import, as
    /// `module.name`.
    #[must_use]
    pub fn unused_provided(&self) -> &[String] {
        &self.unused_provided
    }
}

impl std::error::Error for LinkReport {}

//! Declared exports, bound to one guest.

use std::{fmt, sync::Arc};

use wasmtime::ExternType;

use crate::{
    convert::{FromGuestOwned, GlobalValue, IntoGuest},
    error::{AllocationError, ExportError, ValueError},
    guest::{AsGuest, BoundFunc, BoundGlobal, Guest},
    hostcall::HostCallError,
    store::CallType,
    typed_exports::{
        BindError, DeclaredExport, ExportSet, GuestExports,
        check::{self, ExportTypes},
        record::Kind,
    },
};

/// The exports of one guest that a trait with `#[wasm_export]` declares.
#[doc(hidden)]
#[derive(Clone)]
pub struct BoundExports {
    set: &'static ExportSet,
    exports: Arc<[Bound]>,
}

#[derive(Debug)]
enum Bound {
    Function(BoundFunc),
    Global(BoundGlobal),
}

impl Guest<'_> {
    /// Looks up and checks all exports that a trait with
    /// [`#[wasm_export]`](macro@crate::wasm_export) declares.
    ///
    /// # Errors
    ///
    /// If the guest does not export one of them, or with another type. The error lists all faults.
    pub fn exports<T: GuestExports>(&mut self) -> Result<T, BindError> {
        let set = T::EXPORTS;
        let address_type = self.address_type();
        check::check(set, self, address_type)?;
        let exports: Result<Arc<[Bound]>, _> = set
            .exports()
            .iter()
            .map(|export| Bound::new(self, export))
            .collect();
        match exports {
            Ok(exports) => Ok(T::from_bound(BoundExports { set, exports })),
            Err(error) => Err(BindError::of_look_up(set, &error)),
        }
    }
}

impl ExportTypes for Guest<'_> {
    fn export_type(&mut self, name: &str) -> Option<ExternType> {
        self.export_type_of(name)
    }

    fn nearest_to(&mut self, name: &str) -> Option<(Vec<String>, usize)> {
        self.nearest_functions(name)
    }
}

impl Bound {
    fn new(guest: &mut Guest<'_>, export: &DeclaredExport) -> Result<Self, ExportError> {
        match export.kind {
            Kind::Function {
                params, results, ..
            } => {
                let ty = CallType::new(params, results, guest.address_type());
                BoundFunc::new(guest, export.name(), ty).map(Self::Function)
            }
            Kind::Global { .. } => BoundGlobal::new(guest, export.name()).map(Self::Global),
        }
    }
}

impl BoundExports {
    /// Calls the function at this index of the set.
    #[inline]
    pub fn call<P: IntoGuest, O: CallOutcome>(
        &self,
        guest: &mut impl AsGuest,
        index: usize,
        params: P,
    ) -> O {
        let Some(Bound::Function(func)) = self.exports.get(index) else {
            return O::from_result(Err(other_export()));
        };
        O::from_result(match func.call(guest, params, self.set.allocator()) {
            Ok(value) => Ok(value),
            Err(error) => Err(self.named(index, error)),
        })
    }

    /// Reads the global at this index of the set.
    pub fn get<O: CallOutcome<Value: GlobalValue>>(
        &self,
        guest: &mut impl AsGuest,
        index: usize,
    ) -> O {
        O::from_result(match self.exports.get(index) {
            Some(Bound::Global(global)) => guest.with_guest(|guest| global.get(guest)),
            _ => Err(other_export()),
        })
    }

    /// Sets the global at this index of the set.
    pub fn set<G: GlobalValue, O: CallOutcome<Value = ()>>(
        &self,
        guest: &mut impl AsGuest,
        index: usize,
        value: G,
    ) -> O {
        O::from_result(match self.exports.get(index) {
            Some(Bound::Global(global)) => guest.with_guest(|guest| global.set(guest, value)),
            _ => Err(other_export()),
        })
    }

    /// Adds the function to an error about an argument or the result.
    #[cold]
    fn named(&self, index: usize, error: wasmtime::Error) -> wasmtime::Error {
        let is_own = error.is::<ValueError>() || error.is::<AllocationError>();
        if !is_own || error.is::<HostCallError>() {
            return error;
        }
        let export = &self.set.exports()[index];
        let place = self.set.location_of(export);
        error.context(format!(
            "calling the guest's `{}`, {} ({place})",
            export.name(),
            export.code()
        ))
    }
}

#[cold]
fn other_export() -> wasmtime::Error {
    wasmtime::format_err!("the expansion of the attribute names another export")
}

impl fmt::Debug for BoundExports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.set.fmt(f)
    }
}

/// The result of a method that calls a guest: `Result<T, E>`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a guest's function",
    label = "expected a `Result`",
    note = "a call of a guest can fail: write `anyhow::Result<…>`, or a `Result` whose error \
        implements `From<host_runtime::wasmtime::Error>`"
)]
pub trait CallOutcome {
    /// The type of the value.
    type Value: FromGuestOwned;

    fn from_result(result: wasmtime::Result<Self::Value>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: FromGuestOwned, E: From<wasmtime::Error>> CallOutcome for Result<T, E> {
    type Value = T;

    #[inline]
    fn from_result(result: wasmtime::Result<T>) -> Self {
        Ok(result?)
    }
}

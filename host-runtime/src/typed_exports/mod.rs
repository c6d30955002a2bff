//! Exports of a guest that a trait declares, with their types.

mod bound;
mod check;
mod record;

pub(crate) use self::check::check;
pub use self::{
    bound::{BoundExports, CallOutcome},
    check::{BindError, ExportFault},
    record::{DeclaredExport, ExportParameter, ExportSet, allocator},
};

/// The exports of one guest, as [`#[wasm_export]`](macro@crate::wasm_export) makes them of a trait.
///
/// [`Guest::exports`](crate::Guest::exports) and [`Instance::exports`](crate::Instance::exports)
/// bind them to a guest. A bound value is cheap to clone, and can be a state of the host. It
/// belongs to one instance: used with another one, each method returns a
/// [`WrongStoreError`](crate::errors::WrongStoreError).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare the exports of a guest",
    label = "expected a trait with `#[wasm_export]`",
    note = "write `#[wasm_export]` before a trait that has a function for each export"
)]
pub trait GuestExports: Clone + Send + Sync + Sized + 'static {
    /// What the guest is to export.
    const EXPORTS: &'static ExportSet;

    #[doc(hidden)]
    fn from_bound(bound: BoundExports) -> Self;
}

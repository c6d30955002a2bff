//! A guest, as a parameter of host functions and from outside.

mod access;
mod allocate;
mod as_guest;
mod bound;
mod call;
mod callback;
mod export;
mod exported_func;
mod global;
mod memory;
mod placement;
mod pointer;
mod table;

use crate::{
    abi::AddressType,
    call::deduct,
    error::ValueError,
    store::{HostData, MissingStateError},
};

pub(crate) use self::{
    access::{Access, StoreAccess},
    bound::{BoundFunc, BoundGlobal},
    call::Signature,
    global::{global, known_global},
    placement::{PlacementError, place},
};
pub use self::{
    as_guest::AsGuest,
    callback::{Callable, Callback, CallbackRef},
    exported_func::ExportedFunc,
    pointer::{GuestPointer, GuestSlice},
};

/// The guest that calls a host function. Host functions take it as a parameter to call the guest
/// back, or to read and write its memory step by step.
///
/// A guest that is called back can grow its memory, call the host again, or trap. So a function
/// with a `Guest` parameter borrows neither memory nor state by its other parameters, and each
/// borrow from the `Guest` ends before the next call:
///
/// ```
/// use host_runtime::{Callback, Guest, GuestSlice, Runtime, imports, wasm_import};
///
/// /// Calls `each` with every number.
/// #[wasm_import(module = "list")]
/// fn for_each(
///     mut guest: Guest<'_>,
///     numbers: GuestSlice<i32>,
///     each: Callback<(i32,), ()>,
/// ) -> anyhow::Result<()> {
///     for index in 0..numbers.len() {
///         let number = numbers.get(&mut guest, index)?;
///         guest.call(&each, (number,))?;
///     }
///     Ok(())
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![for_each]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "list" "for_each" (func $for_each (param i32 i32 i32)))
///     (memory (export "memory") 1)
///     (data (i32.const 8) "\01\00\00\00\29\00\00\00")
///     (table (export "__indirect_function_table") funcref (elem $add))
///     (global $sum (export "sum") (mut i32) (i32.const 0))
///     (func $add (param i32)
///         (global.set $sum (i32.add (global.get $sum) (local.get 0))))
///     (func (export "run") (result i32)
///         (call $for_each (i32.const 8) (i32.const 2) (i32.const 0))
///         (global.get $sum)))"#)?;
/// assert_eq!(guest.call::<(), i32>("run", ())?, 42);
/// # Ok(())
/// # }
/// ```
pub struct Guest<'a> {
    access: &'a mut dyn Access,
    address_type: AddressType,
    /// The rest of the call's copy budget, once some of it was used.
    budget: Option<usize>,
}

impl<'a> Guest<'a> {
    pub(crate) fn new(access: &'a mut dyn Access, address_type: AddressType) -> Self {
        Self {
            access,
            address_type,
            budget: None,
        }
    }

    /// Reborrows the guest.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Guest<'_> {
        Guest {
            access: &mut *self.access,
            address_type: self.address_type,
            budget: self.budget,
        }
    }

    /// Sets the rest of the call's copy budget.
    pub(crate) fn set_budget(&mut self, left: usize) {
        self.budget = Some(left);
    }

    /// The rest of the call's copy budget.
    fn budget(&mut self) -> usize {
        match self.budget {
            Some(left) => left,
            None => self.host().budget(),
        }
    }

    /// Takes `bytes` of the call's copy budget.
    pub(crate) fn charge(&mut self, bytes: u64) -> Result<(), ValueError> {
        self.budget = Some(deduct(self.budget(), bytes)?);
        Ok(())
    }

    pub(crate) fn address_type(&self) -> AddressType {
        self.address_type
    }

    pub(crate) fn host(&mut self) -> &mut HostData {
        self.access.host()
    }

    /// The host state of type `S`.
    ///
    /// # Errors
    ///
    /// If there is no such state.
    pub fn state<S: 'static>(&mut self) -> Result<&mut S, MissingStateError> {
        self.access.host().state_mut_or_error()
    }
}

/// Implemented by `fn(Guest<'_>)`; see [`CallerParameter`](crate::hostcall::CallerParameter).
#[diagnostic::on_unimplemented(
    message = "this parameter is not `host_runtime::Guest`",
    label = "the `Guest` goes here",
    note = "write `Guest<'_>` of `host_runtime`"
)]
#[doc(hidden)]
pub trait GuestParameter {
    type Guest<'a>;

    fn pass(guest: Guest<'_>) -> Self::Guest<'_>;
}

#[diagnostic::do_not_recommend]
impl GuestParameter for fn(Guest<'_>) {
    type Guest<'a> = Guest<'a>;

    fn pass(guest: Guest<'_>) -> Guest<'_> {
        guest
    }
}

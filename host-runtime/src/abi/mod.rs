//! Core values, and the slots in which Wasmtime passes them: data only.

/// Calls a macro with the names of each supported tuple, of none to twelve elements.
macro_rules! for_each_tuple {
    ($macro:ident) => {
        $macro!();
        $macro!(A);
        $macro!(A B);
        $macro!(A B C);
        $macro!(A B C D);
        $macro!(A B C D E);
        $macro!(A B C D E F);
        $macro!(A B C D E F G);
        $macro!(A B C D E F G H);
        $macro!(A B C D E F G H I);
        $macro!(A B C D E F G H I J);
        $macro!(A B C D E F G H I J K);
        $macro!(A B C D E F G H I J K L);
    };
}

pub(crate) use for_each_tuple;

mod address;
mod allocator;
mod core_types;
mod core_values;
mod deferred_write;
mod references;
mod slots;

pub use self::{
    address::{AddressType, GuestSize},
    allocator::{Allocation, Allocator, Deallocator, Pins},
    core_types::{CoreType, CoreTypes},
    core_values::{CoreResults, CoreValues, ReturnPointerAt},
    deferred_write::{Content, DeferredWrite, Placement},
    references::{CallReferences, Reference},
    slots::{Raw, Slots},
};
pub(crate) use self::{
    core_types::LONGEST,
    core_values::sealed,
    references::{MadeReferences, Object, unwrap_object, wrap_object},
    slots::Passed,
};

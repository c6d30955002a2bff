//! A state that a host function borrows.

use std::any::{TypeId, type_name};

/// A state that a function borrows.
pub struct StateNeed {
    pub(crate) id: TypeId,
    pub(crate) name: fn() -> &'static str,
}

impl StateNeed {
    #[doc(hidden)]
    #[must_use]
    pub const fn of<S: 'static>() -> Self {
        Self {
            id: TypeId::of::<S>(),
            name: type_name::<S>,
        }
    }
}

//! Tells stores apart.

use std::{
    ptr,
    sync::{Arc, Weak},
};

use wasmtime::{AsContext, AsContextMut, Func};

/// Identifies a store.
///
/// Wasmtime panics if it is given items of another store, and has no function to check. This type
/// knows a store by the address of its data, which is unique while the store lives, and by a
/// function in it, which is dropped with the store.
#[derive(Clone, Debug)]
pub(crate) struct StoreIdentity {
    address: StoreAddress,
    alive: Weak<()>,
}

/// The address of the data of a living store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoreAddress(usize);

impl StoreAddress {
    #[inline]
    pub(crate) fn of(store: &impl AsContext) -> Self {
        Self(ptr::from_ref(store.as_context().data()).addr())
    }
}

impl StoreIdentity {
    /// Makes the identity of a store. This adds a function to the store, so it is done once.
    pub(crate) fn of(mut store: impl AsContextMut) -> Self {
        let token = Arc::new(());
        let alive = Arc::downgrade(&token);
        Func::wrap(&mut store, move || {
            let _ = &token;
        });
        Self {
            address: StoreAddress::of(&store),
            alive,
        }
    }

    /// Whether this is the store.
    pub(crate) fn is(&self, store: impl AsContext) -> bool {
        self.is_at(StoreAddress::of(&store))
    }

    /// Whether this is the store whose data has this address now.
    #[inline]
    pub(crate) fn is_at(&self, address: StoreAddress) -> bool {
        self.address == address && self.is_alive()
    }

    /// Whether both are the same living store.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.is_at(other.address) && other.is_alive()
    }

    /// Whether the store has not been dropped.
    pub(crate) fn is_alive(&self) -> bool {
        self.alive.strong_count() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Engine, Store};

    #[test]
    fn tells_a_store_from_other_stores() {
        let engine = Engine::default();
        let mut store = Store::new(&engine, 1_u64);
        let identity = StoreIdentity::of(&mut store);
        assert!(identity.is(&store));
        let moved = store;
        assert!(identity.is(&moved));
        assert!(!identity.is(Store::new(&engine, 2_u64)));
        // The next store may have its data at the same address.
        drop(moved);
        for _ in 0..8 {
            assert!(!identity.is(Store::new(&engine, 3_u64)));
        }
    }
}

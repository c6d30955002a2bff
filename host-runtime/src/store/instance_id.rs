//! Identifies the only instance of a store.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Identifies an instance that is made in a store of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceId(u64);

impl InstanceId {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Relaxed))
    }
}

//! Identifies the only instance of a store.

use std::{
    num::NonZeroU64,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Identifies an instance that is made in a store of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceId(NonZeroU64);

impl InstanceId {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let next = NEXT.fetch_add(1, Relaxed);
        Self(NonZeroU64::new(next).expect("no program makes that many instances"))
    }
}

//! Results that are written to guest memory after the function returns.

use crate::abi::{Allocator, GuestSize};

/// A result that is written to guest memory after the function returns.
pub enum DeferredWrite {
    /// Bytes for the return pointer.
    At { pointer: GuestSize, bytes: Vec<u8> },
    /// Bytes that are allocated in guest memory, if any, and how the guest gets their address.
    New {
        content: Option<Content>,
        form: Placement,
    },
}

/// Bytes to allocate.
pub struct Content {
    pub(crate) bytes: Vec<u8>,
    /// The number of elements.
    pub(crate) elements: u64,
    /// The alignment.
    pub(crate) align: usize,
    pub(crate) allocator: &'static Allocator,
}

/// How the guest gets the address of allocated bytes.
#[derive(Clone, Copy)]
pub enum Placement {
    /// A pointer.
    Pointer,
    /// A pointer and the number of elements.
    Pair,
    /// Both in an `i64`, the pointer in the lower half.
    PointerLow,
    /// Both in an `i64`, the pointer in the upper half.
    PointerHigh,
    /// A pointer to both.
    Indirect,
    /// A pointer, written to this address.
    PointerAt(GuestSize),
    /// A pointer and the number of elements, written to this address.
    PairAt(GuestSize),
}

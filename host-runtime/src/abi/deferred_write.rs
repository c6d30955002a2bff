//! What a function returns that has its place in the guest's memory.

use std::any::TypeId;

use crate::abi::{CoreTypes, GuestSize, Slots};

/// What waits for its place in the guest's memory.
pub enum DeferredWrite {
    /// Bytes that go to a place which the guest has made.
    At { pointer: GuestSize, bytes: Vec<u8> },
    /// What the guest's allocator makes room for, if anything, and how the guest learns where.
    New {
        content: Option<Content>,
        form: Placement,
    },
}

/// Bytes for which room is made.
pub struct Content {
    pub(crate) bytes: Vec<u8>,
    /// How many elements they are.
    pub(crate) elements: u64,
    /// What the place is a multiple of.
    pub(crate) align: usize,
    pub(crate) allocator: Allocator,
}

/// A function that a guest exports to make room in its memory; it returns a pointer.
#[derive(Clone, Copy)]
pub struct Allocator {
    /// The type that stands for it.
    pub(crate) id: TypeId,
    pub(crate) export: &'static str,
    pub(crate) params: &'static CoreTypes,
    /// Passes what it takes for so many bytes at a multiple of the second number.
    pub(crate) pass: fn(GuestSize, GuestSize, &mut Slots<'_>) -> wasmtime::Result<()>,
}

/// How the guest learns where its room is.
#[derive(Clone, Copy)]
pub enum Placement {
    /// A pointer.
    Pointer,
    /// A pointer and how many elements there are.
    Pair,
    /// Both in an `i64`, the pointer in the lower half.
    PointerLow,
    /// Both in an `i64`, the pointer in the upper half.
    PointerHigh,
    /// A pointer to both.
    Indirect,
    /// A pointer, written to this place.
    PointerAt(GuestSize),
    /// A pointer and how many elements, written to this place.
    PairAt(GuestSize),
}

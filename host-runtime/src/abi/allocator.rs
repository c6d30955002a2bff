//! The exported functions by which a guest allocates and frees memory.

use std::any::TypeId;

use crate::abi::{CoreTypes, GuestSize, Slots};

/// An exported function of a guest that allocates in its memory and returns a pointer.
pub struct Allocator {
    /// The type that stands for it.
    pub(crate) id: TypeId,
    pub(crate) export: &'static str,
    pub(crate) params: &'static CoreTypes,
    /// Writes the parameters for a size and an alignment.
    pub(crate) pass: fn(GuestSize, GuestSize, &mut Slots<'_>) -> wasmtime::Result<()>,
    pub(crate) pins: Option<Pins>,
}

/// An [`Allocator`], and the exported function that frees what it has allocated.
pub struct Deallocator {
    pub(crate) allocator: &'static Allocator,
    pub(crate) export: &'static str,
    pub(crate) params: &'static CoreTypes,
    /// Writes the parameters for an allocation.
    pub(crate) pass: fn(Allocation, &mut Slots<'_>) -> wasmtime::Result<()>,
    /// Whether functions of the guest free their arguments themselves.
    pub(crate) guest_frees_arguments: bool,
}

/// Memory that a guest has allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The address of the first byte.
    pub pointer: GuestSize,
    /// The size in bytes.
    pub size: GuestSize,
    /// The alignment in bytes.
    pub align: GuestSize,
}

/// The exported functions that keep an object alive in a guest which collects garbage.
///
/// Both take the pointer to the object. The first one returns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    /// The function that keeps an object alive.
    pub pin: &'static str,
    /// The function that lets it be collected again.
    pub unpin: &'static str,
}

//! Addresses in guest memory, as guests pass them.

use wasmtime::{MemoryType, ValRaw};

/// The address type of a memory.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AddressType {
    /// 32 bits, an `i32`.
    #[default]
    I32,
    /// 64 bits, an `i64`.
    I64,
}

impl AddressType {
    pub(crate) fn of(memory: &MemoryType) -> Self {
        if memory.is_64() { Self::I64 } else { Self::I32 }
    }

    /// The size of an address in bytes.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::I32 => 4,
            Self::I64 => 8,
        }
    }

    /// Reads a size that the guest passed.
    #[inline]
    pub(crate) fn size(self, raw: ValRaw) -> GuestSize {
        GuestSize(match self {
            Self::I32 => raw.get_u32().into(),
            Self::I64 => raw.get_u64(),
        })
    }

    /// Makes a size that the guest gets.
    #[inline]
    pub(crate) fn raw(self, size: GuestSize) -> wasmtime::Result<ValRaw> {
        Ok(match self {
            Self::I32 => ValRaw::u32(size.narrow()?),
            Self::I64 => ValRaw::u64(size.0),
        })
    }
}

/// An address or a length in guest memory, of the memory's address type.
///
/// In a signature it is an unsigned `i32` where the memory has 32-bit addresses, and an `i64` where
/// it has [64-bit ones](https://webassembly.github.io/spec/core/syntax/types.html#syntax-addrtype).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GuestSize(pub u64);

impl GuestSize {
    /// Converts the size for a guest with 32-bit addresses.
    pub(crate) fn narrow(self) -> wasmtime::Result<u32> {
        u32::try_from(self.0)
            .map_err(|_| wasmtime::format_err!("{} does not fit the guest's i32", self.0))
    }
}

impl From<u32> for GuestSize {
    fn from(size: u32) -> Self {
        Self(size.into())
    }
}

impl From<u64> for GuestSize {
    fn from(size: u64) -> Self {
        Self(size)
    }
}

impl From<usize> for GuestSize {
    fn from(size: usize) -> Self {
        Self(size as u64)
    }
}

/// Keeps the bits: guests pass addresses as `i32`, and those of the upper half are negative.
impl From<i32> for GuestSize {
    fn from(size: i32) -> Self {
        size.cast_unsigned().into()
    }
}

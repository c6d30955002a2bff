//! Writes results to guest memory after the function has returned.

use std::mem::MaybeUninit;

use wasmtime::ValRaw;

use crate::{
    abi::{AddressType, CallReferences, Content, DeferredWrite, GuestSize, Placement},
    call::Releases,
    convert,
    error::{FailedAt, ValueError},
    guest::Guest,
};

/// Writes the results of a call to guest memory, and their pointers to the slots.
pub(crate) fn place(
    mut guest: Guest<'_>,
    references: &mut CallReferences,
    raw: &mut [MaybeUninit<ValRaw>],
) -> Result<(), PlacementError> {
    let (deferred, left) = references.take_deferred();
    guest.set_budget(left);
    for (slot, write) in deferred {
        write.place(&mut guest, raw.get_mut(slot..).unwrap_or_default(), None)?;
    }
    Ok(())
}

/// Writes the arguments of a call to guest memory, and their pointers to the slots. Objects in a
/// guest that collects garbage are kept alive until `releases` are given up.
pub(super) fn place_arguments(
    guest: &mut Guest<'_>,
    references: &mut CallReferences,
    raw: &mut [MaybeUninit<ValRaw>],
    releases: &mut Releases,
) -> wasmtime::Result<()> {
    let (deferred, _) = references.take_deferred();
    for (slot, write) in deferred {
        let raw = raw.get_mut(slot..).unwrap_or_default();
        write
            .place(guest, raw, Some(&mut *releases))
            .map_err(|failed| failed.error)?;
    }
    Ok(())
}

/// Why a result could not be written, and which part of the call failed.
pub(crate) struct PlacementError {
    pub(crate) failed_at: FailedAt,
    pub(crate) error: wasmtime::Error,
}

impl From<wasmtime::Error> for PlacementError {
    fn from(error: wasmtime::Error) -> Self {
        let failed_at = FailedAt::Function;
        Self { failed_at, error }
    }
}

/// Writes to the return pointer.
fn write_at(guest: &mut Guest<'_>, pointer: GuestSize, bytes: &[u8]) -> Result<(), PlacementError> {
    let written = guest.write(pointer, bytes);
    written.map_err(|error| PlacementError {
        failed_at: match error {
            ValueError::NoMemory(_) => FailedAt::Function,
            _ => FailedAt::ReturnPointer,
        },
        error: error.into(),
    })
}

impl DeferredWrite {
    /// Allocates, writes the content, and writes its pointer and length to where the type of the
    /// result says.
    fn place(
        self,
        guest: &mut Guest<'_>,
        raw: &mut [MaybeUninit<ValRaw>],
        pinned: Option<&mut Releases>,
    ) -> Result<(), PlacementError> {
        let (content, form) = match self {
            Self::At { pointer, bytes } => return write_at(guest, pointer, &bytes),
            Self::New { content, form } => (content, form),
        };
        let allocator = content.as_ref().map(|content| content.allocator);
        let (pointer, length) = match content {
            Some(content) => content.place(guest, pinned)?,
            None => Default::default(),
        };
        let address_type = guest.address_type();
        match form {
            Placement::Pointer => write(raw, [address_type.raw(pointer)?]),
            Placement::Pair => write(raw, [address_type.raw(pointer)?, address_type.raw(length)?]),
            Placement::PointerLow => write(raw, [pack(pointer, length)?]),
            Placement::PointerHigh => write(raw, [pack(length, pointer)?]),
            Placement::PointerAt(at) => write_at(guest, at, &sizes(&[pointer], address_type)?)?,
            Placement::PairAt(at) => {
                write_at(guest, at, &sizes(&[pointer, length], address_type)?)?;
            }
            Placement::Indirect => {
                let at = match allocator {
                    Some(allocator) => {
                        let pair = sizes(&[pointer, length], address_type)?;
                        let size = GuestSize(pair.len() as u64);
                        let at = guest.allocate_by(allocator, size, GuestSize(size.0 / 2))?;
                        guest.write(at, &pair).map_err(wasmtime::Error::from)?;
                        at
                    }
                    None => GuestSize::default(),
                };
                write(raw, [address_type.raw(at)?]);
            }
        }
        Ok(())
    }
}

impl Content {
    /// Allocates and writes the content; returns the pointer and the number of elements.
    fn place(
        self,
        guest: &mut Guest<'_>,
        pinned: Option<&mut Releases>,
    ) -> wasmtime::Result<(GuestSize, GuestSize)> {
        // Request at least one byte: an allocator may return null for zero, and null means `None`.
        let size = GuestSize(self.bytes.len().max(1) as u64);
        let pointer = guest.allocate_by(self.allocator, size, GuestSize(self.align as u64))?;
        if let Some(pinned) = pinned {
            guest.pin(pointer, self.allocator, pinned)?;
        }
        guest.write(pointer, &self.bytes)?;
        Ok((pointer, GuestSize(self.elements)))
    }
}

/// The bytes of sizes as they lie in guest memory, one after the other.
fn sizes(sizes: &[GuestSize], address_type: AddressType) -> wasmtime::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(16);
    for size in sizes {
        match address_type {
            AddressType::I32 => bytes.extend(size.narrow()?.to_le_bytes()),
            AddressType::I64 => bytes.extend(size.0.to_le_bytes()),
        }
    }
    Ok(bytes)
}

/// Packs two 32-bit sizes into one `i64`.
fn pack(low: GuestSize, high: GuestSize) -> wasmtime::Result<ValRaw> {
    Ok(ValRaw::u64(convert::pack((low.narrow()?, high.narrow()?))))
}

fn write<const N: usize>(raw: &mut [MaybeUninit<ValRaw>], values: [ValRaw; N]) {
    for (slot, value) in raw.iter_mut().zip(values) {
        slot.write(value);
    }
}

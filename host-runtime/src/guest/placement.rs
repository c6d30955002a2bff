//! Writing to the guest's memory what a function has returned that has its place there.

use std::mem::MaybeUninit;

use wasmtime::ValRaw;

use crate::{
    abi::{Content, Form, GuestSize, Outside, Room, Width},
    convert,
    error::{BadValue, Culprit},
    guest::Guest,
};

/// Gives what a call returned that place.
pub(crate) fn place(
    mut guest: Guest<'_>,
    outside: &mut Outside,
    raw: &mut [MaybeUninit<ValRaw>],
) -> Result<(), Misplaced> {
    let (rooms, left) = outside.take_rooms();
    guest.set_budget(left);
    for (slot, room) in rooms {
        room.place(&mut guest, raw.get_mut(slot..).unwrap_or_default())?;
    }
    Ok(())
}

/// Why something has no place, and by whom.
pub(crate) struct Misplaced {
    pub(crate) culprit: Culprit,
    pub(crate) error: wasmtime::Error,
}

impl From<wasmtime::Error> for Misplaced {
    fn from(error: wasmtime::Error) -> Self {
        let culprit = Culprit::Function;
        Self { culprit, error }
    }
}

/// Writes to where the guest says.
fn write_at(guest: &mut Guest<'_>, pointer: GuestSize, bytes: &[u8]) -> Result<(), Misplaced> {
    let written = guest.write(pointer, bytes);
    written.map_err(|error| Misplaced {
        culprit: match error {
            BadValue::NoMemory(_) => Culprit::Function,
            _ => Culprit::ReturnPointer,
        },
        error: error.into(),
    })
}

impl Room {
    /// Makes the place, and writes the slots that say where it is.
    fn place(
        self,
        guest: &mut Guest<'_>,
        raw: &mut [MaybeUninit<ValRaw>],
    ) -> Result<(), Misplaced> {
        let (content, form) = match self {
            Self::At { pointer, bytes } => return write_at(guest, pointer, &bytes),
            Self::New { content, form } => (content, form),
        };
        let allocator = content.as_ref().map(|content| content.allocator);
        let (pointer, length) = match content {
            Some(content) => content.place(guest)?,
            None => Default::default(),
        };
        let width = guest.width();
        match form {
            Form::Pointer => write(raw, [width.raw(pointer)?]),
            Form::Pair => write(raw, [width.raw(pointer)?, width.raw(length)?]),
            Form::PointerLow => write(raw, [pack(pointer, length)?]),
            Form::PointerHigh => write(raw, [pack(length, pointer)?]),
            Form::PointerAt(at) => write_at(guest, at, &sizes(&[pointer], width)?)?,
            Form::PairAt(at) => write_at(guest, at, &sizes(&[pointer, length], width)?)?,
            Form::Indirect => {
                let at = match allocator {
                    Some(allocator) => {
                        let pair = sizes(&[pointer, length], width)?;
                        let size = GuestSize(pair.len() as u64);
                        let at = guest.allocate_by(&allocator, size, GuestSize(size.0 / 2))?;
                        guest.write(at, &pair).map_err(wasmtime::Error::from)?;
                        at
                    }
                    None => GuestSize::default(),
                };
                write(raw, [width.raw(at)?]);
            }
        }
        Ok(())
    }
}

impl Content {
    /// Makes room and fills it: where it is, and how many elements there are.
    fn place(self, guest: &mut Guest<'_>) -> wasmtime::Result<(GuestSize, GuestSize)> {
        // Of no bytes an allocator may make no room, and a null pointer is for what is not there.
        let size = GuestSize(self.bytes.len().max(1) as u64);
        let pointer = guest.allocate_by(&self.allocator, size, GuestSize(self.align as u64))?;
        guest.write(pointer, &self.bytes)?;
        Ok((pointer, GuestSize(self.elements)))
    }
}

/// Sizes one after the other, as they lie in the guest's memory.
fn sizes(sizes: &[GuestSize], width: Width) -> wasmtime::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(16);
    for size in sizes {
        match width {
            Width::Narrow => bytes.extend(size.narrow()?.to_le_bytes()),
            Width::Wide => bytes.extend(size.0.to_le_bytes()),
        }
    }
    Ok(bytes)
}

/// Two sizes of 32 bits in one `i64`.
fn pack(low: GuestSize, high: GuestSize) -> wasmtime::Result<ValRaw> {
    Ok(ValRaw::u64(convert::pack((low.narrow()?, high.narrow()?))))
}

fn write<const N: usize>(raw: &mut [MaybeUninit<ValRaw>], values: [ValRaw; N]) {
    for (slot, value) in raw.iter_mut().zip(values) {
        slot.write(value);
    }
}

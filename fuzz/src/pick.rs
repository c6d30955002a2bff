//! Picks arguments and memory contents from the input, with a bias toward values near limits.

use arbitrary::{Result, Unstructured};

use crate::{value::Kind, world::World};

/// Numbers near which arithmetic wraps or the sign changes.
const EDGES: [u64; 6] = [1 << 31, 1 << 32, 1 << 61, 1 << 63, u64::MAX, 1 << 29];
/// Small numbers and limits of the small types.
const NUMBERS: [u64; 12] = [
    0, 1, 2, 127, 128, 255, 256, 300, 32767, 65535, 0xD7FF, 0x10_FFFF,
];

#[derive(Default)]
pub struct Picker {
    /// The addresses picked recently, and the ends of the ranges there.
    recent: Vec<u64>,
    /// Numbers that calls returned recently. Some are handles.
    returned: Vec<u64>,
}

impl Picker {
    /// Picks the bits of each core parameter of a call.
    pub fn values(
        &mut self,
        u: &mut Unstructured<'_>,
        kinds: &[Kind],
        world: &World,
    ) -> Result<Vec<u64>> {
        let mut values = Vec::new();
        for kind in kinds {
            values.push(match kind {
                Kind::Pointer | Kind::Pointer32 => self.pointer(u, world)?,
                Kind::Length => {
                    let pointer = values.last().copied().unwrap_or_default();
                    self.length(u, pointer, world)?
                }
                Kind::Low | Kind::High => {
                    let pointer = self.pointer(u, world)? % (1 << 32);
                    let length = self.length(u, pointer, world)? % (1 << 32);
                    match kind {
                        Kind::Low => length << 32 | pointer,
                        _ => pointer << 32 | length,
                    }
                }
                _ if !self.returned.is_empty() && u.ratio(1, 3)? => *u.choose(&self.returned)?,
                _ => number(u)?,
            });
        }
        Ok(values)
    }

    /// Keeps a number that a call returned, to pass it later.
    pub fn keep(&mut self, returned: u64) {
        self.returned.push(returned);
        if self.returned.len() > 2 {
            self.returned.remove(0);
        }
    }

    pub fn pointer(&mut self, u: &mut Unstructured<'_>, world: &World) -> Result<u64> {
        let size = world.memory.len() as u64;
        let pointer = match u.arbitrary::<u8>()? % 16 {
            0..5 => u64::from(u.arbitrary::<u8>()?) % size,
            5..8 => u64::from(u.arbitrary::<u8>()?) * 8 % size,
            8 => u64::from(u.arbitrary::<u16>()?) % size,
            9 => (size + 2).saturating_sub(u64::from(u.arbitrary::<u8>()?) % 40),
            10..13 if !self.recent.is_empty() => *u.choose(&self.recent)?,
            13 if !self.recent.is_empty() => {
                let near = i64::from(u.arbitrary::<i8>()? % 12);
                u.choose(&self.recent)?.wrapping_add_signed(near)
            }
            14 => {
                let near = i64::from(u.arbitrary::<i8>()? % 20);
                u.choose(&EDGES)?.wrapping_add_signed(near)
            }
            15 => u.arbitrary()?,
            _ => 0,
        };
        self.note(pointer);
        Ok(pointer)
    }

    pub fn length(&mut self, u: &mut Unstructured<'_>, pointer: u64, world: &World) -> Result<u64> {
        let rest = (world.memory.len() as u64).wrapping_sub(pointer);
        let length = match u.arbitrary::<u8>()? % 16 {
            0..8 => u64::from(u.arbitrary::<u8>()?) % 24,
            8 => u.arbitrary::<u8>()?.into(),
            9 => rest.wrapping_add_signed(i64::from(u.arbitrary::<i8>()? % 3)),
            10 => {
                let size = u.choose(&[2, 4, 8, 16, 24])?;
                (rest / size).wrapping_add_signed(i64::from(u.arbitrary::<i8>()? % 2))
            }
            11 => {
                let size = u.choose(&[1, 2, 4, 8, 24])?;
                (world.budget / size).wrapping_add_signed(i64::from(u.arbitrary::<i8>()? % 2))
            }
            12 => {
                let near = i64::from(u.arbitrary::<i8>()? % 3);
                u.choose(&EDGES)?.wrapping_add_signed(near)
            }
            13 => u.arbitrary()?,
            14 => pointer.wrapping_neg(),
            _ => 0,
        };
        self.note(pointer.wrapping_add(length));
        Ok(length)
    }

    fn note(&mut self, pointer: u64) {
        self.recent.push(pointer);
        if self.recent.len() > 8 {
            self.recent.remove(0);
        }
    }

    /// Picks bytes to write to the memory.
    pub fn bytes(&mut self, u: &mut Unstructured<'_>, world: &World) -> Result<Vec<u8>> {
        let length = usize::from(u.arbitrary::<u8>()?) % 40;
        Ok(match u.arbitrary::<u8>()? % 8 {
            0 => u.bytes(length.min(u.len()))?.to_vec(),
            1 => b"hello \0".iter().copied().cycle().take(length).collect(),
            2 => "aé€😀".bytes().cycle().take(length).collect(),
            3 => vec![b'x'; length * 200],
            4 => vec![0; length * 8],
            // An AssemblyScript string.
            5 => {
                let mut bytes = u32::from(u.arbitrary::<u8>()? % 24).to_le_bytes().to_vec();
                bytes.extend((0..24).flat_map(|unit: u8| [b'a' + unit, 0]));
                bytes
            }
            // Pointers and lengths.
            _ => {
                let mut bytes = Vec::new();
                for _ in 0..=length % 5 {
                    let pointer = self.pointer(u, world)?;
                    for half in [pointer, self.length(u, pointer, world)?] {
                        bytes.extend(&half.to_le_bytes()[..world.address()]);
                    }
                }
                bytes
            }
        })
    }
}

/// Picks a number, often one at a limit.
pub fn number(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match u.arbitrary::<u8>()? % 8 {
        0..3 => u.arbitrary::<u8>()?.into(),
        3 => *u.choose(&NUMBERS)? + 1,
        4 => (*u.choose(&NUMBERS)?).wrapping_neg(),
        5 => *u.choose(&EDGES)?,
        6 => *u.choose(&NUMBERS)?,
        _ => u.arbitrary()?,
    })
}

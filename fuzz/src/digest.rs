//! Hashes what the functions of [`touching!`](crate::functions) read, and derives what they write.

/// A hash (FNV-1a) of everything that was read, in order.
#[derive(Clone, Copy)]
pub struct Digest(u64);

impl Digest {
    pub fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// Hashes the number of bytes, then the bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        for byte in bytes {
            self.byte(*byte);
        }
    }

    pub fn number(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }

    pub fn value(self) -> u64 {
        self.0
    }

    /// The seed for the bytes written to the parameter at `place`.
    pub fn seed(self, place: usize) -> u64 {
        self.0.rotate_left(8).wrapping_add(29 * (place as u64 + 1))
    }
}

/// The seed of one element of a list.
pub fn element(seed: u64, index: usize) -> u64 {
    seed.wrapping_add(7 * (index as u64 + 1))
}

/// Fills `bytes` with values that depend on the seed and the index.
pub fn fill(bytes: &mut [u8], seed: u64) {
    for (byte, index) in bytes.iter_mut().zip(0_u64..) {
        *byte = seed.wrapping_add(index.wrapping_mul(151)).to_le_bytes()[0];
    }
}

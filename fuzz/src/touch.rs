//! What host functions here do with what they are passed: read every byte of it, and write every byte
//! that they may.

use std::ffi::{CStr, CString};

use host_runtime::{
    PlainData,
    values::{AssemblyScriptStr, Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
};

/// A number for everything that was looked at, in its order.
#[derive(Clone, Copy)]
pub struct Digest(u64);

impl Digest {
    /// Nothing has been looked at.
    #[must_use]
    pub fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// Bytes, and how many.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        for &byte in bytes {
            self.byte(byte);
        }
    }

    /// A number of any size, as its bits in 64.
    pub fn number(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> u64 {
        self.0
    }

    /// What a parameter at this place is written with, which depends on all that was looked at.
    #[must_use]
    pub fn seed(self, place: usize) -> u64 {
        self.0.rotate_left(8).wrapping_add(29 * (place as u64 + 1))
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

/// The seed of one element of a list.
#[must_use]
pub fn element(seed: u64, index: usize) -> u64 {
    seed.wrapping_add(7 * (index as u64 + 1))
}

/// Writes what the seed says all over.
pub fn fill(bytes: &mut [u8], seed: u64) {
    for (byte, index) in bytes.iter_mut().zip(0_u64..) {
        *byte = seed.wrapping_add(index.wrapping_mul(151)).to_le_bytes()[0];
    }
}

/// Text that a function returns.
#[must_use]
pub fn text(length: u8) -> String {
    ('a'..='z').cycle().take(length.into()).collect()
}

/// Numbers that a function returns.
#[must_use]
pub fn words(length: u8) -> Vec<u32> {
    (0..length)
        .map(|index| u32::from(index) * 0x0101_0203)
        .collect()
}

/// A parameter.
pub trait Touch {
    /// Reads all of it.
    fn look(&self, digest: &mut Digest);

    /// Writes all of it that can be written.
    fn mark(&mut self, _seed: u64) {}
}

macro_rules! numbers {
    ($($ty:ty: |$x:ident| $bits:expr;)*) => {$(
        impl Touch for $ty {
            fn look(&self, digest: &mut Digest) {
                let $x = *self;
                digest.number($bits);
            }
        }
    )*};
}

numbers! {
    i8: |x| i64::from(x).cast_unsigned();
    u8: |x| x.into();
    i16: |x| i64::from(x).cast_unsigned();
    u16: |x| x.into();
    i32: |x| i64::from(x).cast_unsigned();
    u32: |x| x.into();
    i64: |x| x.cast_unsigned();
    u64: |x| x;
    f32: |x| x.to_bits().into();
    f64: |x| x.to_bits();
    bool: |x| x.into();
    char: |x| u32::from(x).into();
}

impl Touch for &str {
    fn look(&self, digest: &mut Digest) {
        // Decoded, which takes it to be UTF-8 without looking.
        assert_eq!(self.chars().map(char::len_utf8).sum::<usize>(), self.len());
        digest.bytes(self.as_bytes());
    }
}

impl Touch for String {
    fn look(&self, digest: &mut Digest) {
        self.as_str().look(digest);
    }
}

impl<T: PlainData> Touch for &[T] {
    fn look(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::cast_slice(self));
    }
}

impl<T: PlainData> Touch for &mut [T] {
    fn look(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::cast_slice(self));
    }

    fn mark(&mut self, seed: u64) {
        fill(bytemuck::cast_slice_mut(self), seed);
    }
}

impl<T: PlainData> Touch for Vec<T> {
    fn look(&self, digest: &mut Digest) {
        self.as_slice().look(digest);
    }
}

impl<T: PlainData> Touch for &T {
    fn look(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::bytes_of(*self));
    }
}

impl<T: PlainData> Touch for &mut T {
    fn look(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::bytes_of(*self));
    }

    fn mark(&mut self, seed: u64) {
        fill(bytemuck::bytes_of_mut(*self), seed);
    }
}

impl Touch for &CStr {
    fn look(&self, digest: &mut Digest) {
        digest.bytes(self.to_bytes_with_nul());
    }
}

impl Touch for CString {
    fn look(&self, digest: &mut Digest) {
        self.as_c_str().look(digest);
    }
}

impl<T: PlainData> Touch for OutBuffer<'_, T> {
    fn look(&self, digest: &mut Digest) {
        (&*self.0).look(digest);
    }

    fn mark(&mut self, seed: u64) {
        self.0.mark(seed);
    }
}

impl Touch for Utf16<'_> {
    fn look(&self, digest: &mut Digest) {
        let _ = self.to_string();
        self.0.look(digest);
    }
}

impl Touch for AssemblyScriptStr<'_> {
    fn look(&self, digest: &mut Digest) {
        self.0.look(digest);
    }
}

macro_rules! wrappers {
    ($($ty:ident)*) => {$(
        impl<T: Touch> Touch for $ty<T> {
            fn look(&self, digest: &mut Digest) {
                self.0.look(digest);
            }

            fn mark(&mut self, seed: u64) {
                self.0.mark(seed);
            }
        }
    )*};
}

wrappers!(PointerLow PointerHigh Indirect);

impl<T: Touch> Touch for SliceList<T> {
    fn look(&self, digest: &mut Digest) {
        digest.number(self.0.len() as u64);
        for each in &self.0 {
            each.look(digest);
        }
    }

    fn mark(&mut self, seed: u64) {
        for (index, each) in self.0.iter_mut().enumerate() {
            each.mark(element(seed, index));
        }
    }
}

impl<T: Touch> Touch for Option<T> {
    fn look(&self, digest: &mut Digest) {
        digest.number(self.is_some().into());
        if let Some(value) = self {
            value.look(digest);
        }
    }

    fn mark(&mut self, seed: u64) {
        if let Some(value) = self {
            value.mark(seed);
        }
    }
}

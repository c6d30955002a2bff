//! Functions with various results, and functions that return errors.

use host_runtime::{
    ErrorCode, GuestPointer, GuestSize, GuestSlice, Handle, ResultCode,
    values::{PointerHigh, PointerLow},
    wasm_import,
};

use crate::functions::prelude::*;

/// The error of functions that return `ErrorCode`.
#[derive(Debug, ResultCode)]
pub enum Failure {
    #[guest(code = -2)]
    Small,
    #[guest(trap)]
    Large,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the function failed")
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// Returns an error for 1 and for 2.
    pub fn of(number: u8) -> Result<(), ErrorCode<Self>> {
        match number {
            1 => Err(Self::Small.into()),
            2 => Err(Self::Large.into()),
            _ => Ok(()),
        }
    }

    /// Predicts the code that [`of`](Self::of) results in, if any.
    pub fn judge(number: &Seen) -> Result<Option<u64>, Fault> {
        match number.number() {
            1 => Ok(Some((-2_i64).cast_unsigned())),
            2 => Err(Fault::Trap),
            _ => Ok(None),
        }
    }
}

functions! {
    fn nothing() {}
    => [] |_, _| Ok(vec![]);

    fn twelve(a: u8, b: i64) -> (u8, i64, i8, u16, i16, bool, char, f32, f64, u32, i32, u64) {
        (a, b, -1, 65535, -2, true, 'é', 0.5, -0.5, a.into(), -3, 4)
    }
    => [I32, I64, I32, I32, I32, I32, I32, F32, F64, I32, I32, I64] |_, seen| {
        let (a, b) = (seen[0].number(), seen[1].number());
        let [half, minus_half] = [0x3F00_0000, 0xBFE0_0000_0000_0000];
        let [minus_1, minus_2, minus_3] = [u64::MAX, u64::MAX - 1, u64::MAX - 2];
        let all = [a, b, minus_1, 65535, minus_2, 1, 0xE9, half, minus_half, a, minus_3, 4];
        Ok(all.map(Bits).to_vec())
    };

    fn packed_low(a: u32, b: u32) -> PointerLow<(u32, u32)> { PointerLow((a, b)) }
    => [I64] |_, seen| number(seen[0].number() | seen[1].number() << 32);

    fn packed_high(a: u32, b: u32) -> PointerHigh<(u32, u32)> { PointerHigh((a, b)) }
    => [I64] |_, seen| number(seen[1].number() | seen[0].number() << 32);

    fn fallible(a: bool, b: i16) -> anyhow::Result<(i16, u64)> {
        anyhow::ensure!(!a, "the guest requested a failure");
        Ok((b, 7))
    }
    => [I32, I64] |_, seen| match seen[0].number() {
        1 => Err(Fault::Trap),
        _ => Ok(vec![seen[1].value(), Bits(7)]),
    };

    fn coded(a: u32, b: u8) -> Result<u32, ErrorCode<Failure>> { Failure::of(b).map(|()| a) }
    => [I32] |_, seen| coded(seen, 32);

    fn coded_size(a: GuestSize, b: u8) -> Result<GuestSize, ErrorCode<Failure>> {
        Failure::of(b).map(|()| a)
    }
    => [Pointer] |world, seen| coded(seen, if world.wide { 64 } else { 32 });

    // Sets a bit for each parameter that is `Some`.
    fn there(
        a: Option<GuestPointer<u64>>, b: Option<GuestSlice<u16>>, c: Option<Handle<u64>>
    ) -> u32 {
        u32::from(a.is_some()) | u32::from(b.is_some()) << 1 | u32::from(c.is_some()) << 2
    }
    => [I32] |_, seen| {
        let there = |place: usize| u64::from(!matches!(seen[place], Seen::Null));
        number(there(0) | there(1) << 1 | there(2) << 2)
    };
}

/// Predicts a result code: a non-negative number of `width` bits, or a negative error code.
fn coded(seen: &[Seen], width: u32) -> Results {
    match Failure::judge(&seen[1])? {
        Some(code) => number(code),
        None if seen[0].number() >> (width - 1) != 0 => Err(Fault::Trap),
        None => number(seen[0].number()),
    }
}

//! Functions whose results are written to memory that the guest allocates or passes a pointer to.

use std::ffi::CString;

use host_runtime::{
    Allocated, ErrorCode,
    values::{CabiRealloc, Indirect, LastReturnPointer, PointerHigh, PointerLow, ReturnPointer},
    wasm_import,
};

use crate::functions::{prelude::*, results::Failure, touching::Block};

functions! {
    fn give(a: u8) -> Allocated<String> { text(a).into() }
    => [Pointer, Length] |world, seen| Ok(allocate_text(world, &seen[0])?.map(Bits).to_vec());

    fn give_words(a: u8, b: &[u8]) -> Allocated<Vec<u32>, CabiRealloc> {
        let _ = b;
        words(a).into()
    }
    => [Pointer, Length] |world, seen| Ok(allocate_words(world, &seen[0])?.map(Bits).to_vec());

    fn give_low(a: u8) -> PointerLow<Allocated<String>> { PointerLow(text(a).into()) }
    => [I64] |world, seen| {
        let [pointer, length] = allocate_text(world, &seen[0])?;
        number(pointer | length << 32)
    };

    fn give_high(a: u8) -> PointerHigh<Allocated<Vec<u32>>> { PointerHigh(words(a).into()) }
    => [I64] |world, seen| {
        let [pointer, length] = allocate_words(world, &seen[0])?;
        number(pointer << 32 | length)
    };

    fn give_indirect(a: u8) -> Indirect<Allocated<String>> { Indirect(text(a).into()) }
    => [Pointer] |world, seen| {
        let pair = allocate_text(world, &seen[0])?;
        number(world.allocate(&world.in_memory(pair), world.address() as u64)?)
    };

    fn give_c_string(a: u8) -> Allocated<CString> {
        CString::new(text(a)).expect("the text has no NUL").into()
    }
    => [Pointer] |world, seen| number(world.allocate((text(byte(&seen[0])) + "\0").as_bytes(), 1)?);

    fn give_perhaps(a: bool) -> Option<Allocated<String>> { a.then(|| text(9).into()) }
    => [Pointer, Length] |world, seen| match seen[0].number() {
        0 => Ok(vec![Bits(0), Bits(0)]),
        _ => Ok(vec![Bits(world.allocate(text(9).as_bytes(), 1)?), Bits(9)]),
    };

    fn return_block(a: u64, b: &str) -> ReturnPointer<Block> {
        ReturnPointer(Block { x: 1.5, y: a, z: [u32::try_from(b.len()).unwrap_or(u32::MAX), 7] })
    }
    => [First] |world, seen| {
        let length = u32::try_from(seen[2].range().len()).expect("the length fits a `u32`");
        let mut block = [1.5_f64.to_le_bytes(), seen[1].number().to_le_bytes()].concat();
        block.extend([length.to_le_bytes(), [7, 0, 0, 0]].concat());
        world.write_result(seen[0].number(), &block)
    };

    fn return_number(a: u64) -> ReturnPointer<u64> { ReturnPointer(a) }
    => [First] |world, seen| world.write_result(seen[0].number(), &seen[1].number().to_le_bytes());

    fn return_text(a: u8) -> LastReturnPointer<Allocated<String>> {
        LastReturnPointer(text(a).into())
    }
    => [Last] |world, seen| {
        let pair = allocate_text(world, &seen[0])?;
        world.write_result(seen[1].number(), &world.in_memory(pair))
    };

    fn coded_text(
        a: u8, b: &str
    ) -> Result<LastReturnPointer<Allocated<String>>, ErrorCode<Failure>> {
        Failure::of(a)?;
        Ok(LastReturnPointer(b.to_owned().into()))
    }
    => [I32, Last] |world, seen| {
        if let Some(code) = Failure::judge(&seen[0])? {
            return number(code);
        }
        let text = world.memory[seen[1].range()].to_vec();
        let pair = [world.allocate(&text, 1)?, text.len() as u64];
        world.write_result(seen[2].number(), &world.in_memory(pair))?;
        number(0)
    };
}

fn text(length: u8) -> String {
    ('a'..='z').cycle().take(length.into()).collect()
}

fn words(length: u8) -> Vec<u32> {
    (0..u32::from(length))
        .map(|index| index * 0x0101_0203)
        .collect()
}

fn byte(seen: &Seen) -> u8 {
    u8::try_from(seen.number()).expect("the row accepts only a `u8`")
}

/// Allocates what [`text`] returns and returns its pointer and length.
fn allocate_text(world: &mut World, length: &Seen) -> Result<[u64; 2], Fault> {
    let text = text(byte(length));
    Ok([world.allocate(text.as_bytes(), 1)?, text.len() as u64])
}

/// Allocates what [`words`] returns and returns its pointer and length.
fn allocate_words(world: &mut World, length: &Seen) -> Result<[u64; 2], Fault> {
    let words = words(byte(length));
    let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Ok([world.allocate(&bytes, 4)?, words.len() as u64])
}

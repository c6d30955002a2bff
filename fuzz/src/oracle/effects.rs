//! What the functions of the catalogue do when all their parameters are good.

#![expect(clippy::unnecessary_wraps, reason = "an effect may fail")]

use crate::{
    oracle::{Expected, Fault, Func, Object, World, rows::Seen},
    touch::{self, Digest},
};

/// Gets the world, the parameters, and how many bytes may still be copied, at least and at most.
pub(super) type Effect = fn(&mut World, &[Seen], (u128, u128)) -> Results;
pub(super) type Results = Result<Vec<Expected>, Fault>;

pub(super) fn bits(bits: u64) -> Results {
    Ok(vec![Expected::Bits(bits)])
}

pub(super) fn touch(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let mut digest = Digest::new();
    for each in seen {
        each.look(&world.memory, &mut digest);
    }
    for (place, each) in seen.iter().enumerate() {
        each.mark(&mut world.memory, digest.seed(place));
    }
    bits(digest.value())
}

pub(super) fn echo(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    bits(seen[0].number())
}

/// The bits of an `i32`.
pub(super) fn low(seen: &Seen) -> u64 {
    seen.number() % (1 << 32)
}

pub(super) fn echo_i32(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    bits(low(&seen[0]))
}

pub(super) fn echo_f32(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let bits = u32::try_from(seen[0].number()).expect("it is an `f32`");
    Ok(vec![Expected::F32(bits)])
}

pub(super) fn echo_f64(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    Ok(vec![Expected::F64(seen[0].number())])
}

pub(super) fn echo_v128(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let Seen::V128(vector) = seen[0] else {
        unreachable!("{:?} is no vector", seen[0])
    };
    let half = |bits: u128| Expected::Bits(u64::try_from(bits % (1 << 64)).expect("it is a half"));
    Ok(vec![half(vector), half(vector >> 64)])
}

pub(super) fn echo_func(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    Ok(vec![Expected::Func(func(&seen[0]))])
}

pub(super) fn echo_object(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let Seen::Object(object) = seen[0] else {
        unreachable!("{:?} is no object", seen[0])
    };
    Ok(vec![Expected::Object(object)])
}

pub(super) fn echo_any(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let Seen::Any(number) = seen[0] else {
        unreachable!("{:?} is no such reference", seen[0])
    };
    bits(number.map_or(0, |number| u64::from(number) << 1 | 1))
}

pub(super) fn twelve(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let (a, b) = (seen[0].number(), seen[1].number());
    let int = |number: i32| Expected::Bits(number.cast_unsigned().into());
    Ok(vec![
        Expected::Bits(a),
        Expected::Bits(b),
        int(-1),
        int(65535),
        int(-2),
        int(1),
        int(0xE9),
        Expected::F32(0.5_f32.to_bits()),
        Expected::F64((-0.5_f64).to_bits()),
        Expected::Bits(a),
        int(-3),
        Expected::Bits(4),
    ])
}

pub(super) fn fallible(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    if seen[0].number() == 1 {
        return Err(Fault::Trap);
    }
    Ok(vec![Expected::Bits(low(&seen[1])), Expected::Bits(7)])
}

pub(super) fn func(seen: &Seen) -> Func {
    match seen {
        Seen::Func(func) => *func,
        other => unreachable!("{other:?} is no function"),
    }
}

/// The number of a `Thing`, 0 for none.
pub(super) fn thing(seen: &Seen) -> u64 {
    match seen {
        Seen::Object(Object::Thing(number)) => *number,
        Seen::Object(_) => 0,
        other => unreachable!("{other:?} is no object"),
    }
}

pub(super) fn handle(seen: &Seen) -> u32 {
    u32::try_from(seen.number()).expect("it is an `i32`")
}

pub(super) fn handle_get(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    match world.handles.get(&handle(&seen[0])) {
        Some(Some(value)) => bits(*value),
        _ => Err(Fault::Trap),
    }
}

pub(super) fn handle_remove(world: &mut World, seen: &[Seen], left: (u128, u128)) -> Results {
    let value = handle_get(world, seen, left)?;
    world.handles.remove(&handle(&seen[0]));
    Ok(value)
}

pub(super) fn count(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let written = seen[1].range();
    world.counter = world.counter.wrapping_add(handle(&seen[0]));
    world.sum = world.sum.wrapping_add(written.len() as u64);
    world.memory[written].fill(0x77);
    bits(world.sum.wrapping_add(world.counter.into()))
}

pub(super) fn count_by_caller(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    world.counter = world.counter.wrapping_add(handle(&seen[0]));
    bits(u64::from(world.counter) + seen[2].range().len() as u64)
}

pub(super) fn reset(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    world.counter = handle(&seen[0]);
    Ok(vec![])
}

/// The bytes at an address, which nothing has borrowed.
pub(super) fn at(world: &mut World, pointer: u64, length: u128) -> Result<&mut [u8], Fault> {
    world.guest()?;
    let end = u128::from(pointer) + length;
    if end > world.memory.len() as u128 {
        return Err(Fault::Trap);
    }
    let place = |place: u128| usize::try_from(place).expect("it is within the memory");
    Ok(&mut world.memory[place(pointer.into())..place(end)])
}

pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

pub(super) fn pointer_read(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let bytes = at(world, seen[0].number(), 8)?;
    bits(number(bytes))
}

pub(super) fn pointer_write(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let value = handle(&seen[1]).to_le_bytes();
    at(world, seen[0].number(), 4)?.copy_from_slice(&value);
    Ok(vec![])
}

pub(super) fn slice_copy(world: &mut World, seen: &[Seen], (least, most): (u128, u128)) -> Results {
    let (pointer, length) = seen[0].place();
    let length = u128::from(length) * 2;
    let mut digest = Digest::new();
    digest.bytes(at(world, pointer, length)?);
    if length > most {
        return Err(Fault::Trap);
    }
    if length > least {
        return Err(Fault::Open);
    }
    seen[1].look(&world.memory, &mut digest);
    bits(digest.value())
}

/// Where an element is, if the slice has it and its address is one.
pub(super) fn nth(place: (u64, u64), index: u64, size: u64) -> Result<u64, Fault> {
    let (pointer, length) = place;
    let offset = index.checked_mul(size).filter(|_| index < length);
    offset
        .and_then(|offset| pointer.checked_add(offset))
        .ok_or(Fault::Trap)
}

pub(super) fn slice_move(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let from = nth(seen[0].place(), seen[1].number(), 4)?;
    let bytes = at(world, from, 4)?.to_vec();
    let to = nth(seen[0].place(), seen[2].number(), 4)?;
    at(world, to, 4)?.copy_from_slice(&bytes);
    bits(number(&bytes))
}

pub(super) fn slice_write(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let (pointer, length) = seen[0].place();
    let bytes = world.memory[seen[1].range()].to_vec();
    if bytes.len() as u64 / 2 > length {
        return Err(Fault::Trap);
    }
    at(world, pointer, bytes.len() as u128)?.copy_from_slice(&bytes);
    Ok(vec![])
}

pub(super) fn byte(seen: &Seen) -> u8 {
    u8::try_from(seen.number()).expect("it is an `u8`")
}

/// Sizes as the guest has them in its memory.
pub(super) fn sizes(world: &World, sizes: &[u64]) -> Vec<u8> {
    let width = if world.wide { 8 } else { 4 };
    sizes
        .iter()
        .flat_map(|size| size.to_le_bytes().into_iter().take(width))
        .collect()
}

/// Has the guest make room, and fills it.
pub(super) fn allocate(world: &mut World, bytes: &[u8], align: u64) -> Result<u64, Fault> {
    world.guest()?;
    match world.mode {
        1 => return Err(Fault::Trap),
        2 => {
            grow(world, 1);
        }
        _ => {}
    }
    world.grants.swap(0, 1);
    let mut pointer = world.grants[1];
    if !world.wide {
        pointer %= 1 << 32;
    }
    // Room for nothing is room for a byte.
    if pointer == 0 || !pointer.is_multiple_of(align) {
        return Err(Fault::Trap);
    }
    at(world, pointer, bytes.len().max(1) as u128)?;
    at(world, pointer, bytes.len() as u128)?.copy_from_slice(bytes);
    Ok(pointer)
}

pub(super) fn give_text(world: &mut World, seen: &[Seen]) -> Result<(u64, u64), Fault> {
    let text = touch::text(byte(&seen[0]));
    Ok((allocate(world, text.as_bytes(), 1)?, text.len() as u64))
}

pub(super) fn give_words(world: &mut World, seen: &[Seen]) -> Result<(u64, u64), Fault> {
    let words = touch::words(byte(&seen[0]));
    let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Ok((allocate(world, &bytes, 4)?, words.len() as u64))
}

/// What a return pointer gets of something allocated.
pub(super) fn return_pair(
    world: &mut World,
    to: &Seen,
    pointer: u64,
    length: u64,
) -> Result<(), Fault> {
    let pair = sizes(world, &[pointer, length]);
    return_bytes(world, to, &pair)
}

/// Writes to where the guest wants the result.
pub(super) fn return_bytes(world: &mut World, to: &Seen, bytes: &[u8]) -> Result<(), Fault> {
    match at(world, to.number(), bytes.len() as u128) {
        Ok(place) => {
            place.copy_from_slice(bytes);
            Ok(())
        }
        Err(Fault::Trap) => Err(Fault::Return),
        Err(fault) => Err(fault),
    }
}

/// A number of so many bits that is not below 0, or a code that is.
pub(super) fn coded(seen: &[Seen], width: u32) -> Results {
    match seen[1].number() {
        1 => bits((-2_i64).cast_unsigned() & u64::MAX >> (64 - width)),
        2 => Err(Fault::Trap),
        _ if seen[0].number() >> (width - 1) != 0 => Err(Fault::Trap),
        _ => bits(seen[0].number()),
    }
}

/// Grows the memory, and says how many pages it had; `None` if it cannot have so many.
pub(super) fn grow(world: &mut World, pages: u64) -> Option<u64> {
    let before = world.memory.len();
    let more = usize::try_from(pages).ok()?.checked_mul(world.page)?;
    let size = before
        .checked_add(more)
        .filter(|&size| size <= world.most)?;
    world.memory.resize(size, 0);
    Some((before / world.page) as u64)
}

pub(super) fn borrow(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    world.guest()?;
    let [a, b, c, d] = [0, 1, 2, 3].map(|place| u128::from(seen[place].number()));
    let size = world.memory.len() as u128;
    let written = (a + b <= size && !world.threads).then_some(a..a + b);
    let apart = |from: u128, to: u128| match &written {
        Some(written) => from.max(written.start) >= to.min(written.end),
        None => true,
    };
    let readable = c + d <= size && !world.threads && apart(c, c + d);
    let copied = c + 4 <= size && apart(c, c + 4);
    if written.is_some() {
        at(world, seen[0].number(), b)?.fill(0x33);
    }
    bits(u64::from(written.is_some()) | u64::from(readable) << 1 | u64::from(copied) << 2)
}

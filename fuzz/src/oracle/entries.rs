//! What each function of the catalogue takes, returns and does.

use crate::{
    oracle::{
        Expected, Fault, Func as FuncRef, Kind, Object, Value, Verdict, World,
        rows::{
            Access::{Read, Write},
            Plain,
            Row::{
                self, Any, Bool, CStr, CString, Char, Enum, Enum64, Extern, F32, F64, Func, High,
                Indirect, LateSlice, List, Low, One, Option as Nullable, Other, Return, Script,
                Signed, Size, Slice, String, Text, Thing, U32, U64, V128, Vec as Copied,
            },
            Seen,
        },
    },
    touch::{self, Digest},
};

/// A function of the catalogue.
pub struct Entry {
    /// Its name in Rust and in Wasm.
    pub name: &'static str,
    /// What a guest passes.
    pub parameters: &'static [Row],
    /// What it gets.
    pub results: &'static [Kind],
    /// What the function does when all parameters are good.
    pub(super) effect: Effect,
}

impl Entry {
    /// The core values that a guest passes.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        self.parameters.iter().flat_map(Row::kinds).collect()
    }
}

/// Gets the world, the parameters, and how many bytes may still be copied, at least and at most.
type Effect = fn(&mut World, &[Seen], (u128, u128)) -> Results;
type Results = Result<Vec<Expected>, Fault>;

const INT: Row = Signed(i32::MIN, i32::MAX);
const I8: Row = Signed(-128, 127);
const U8: Row = Signed(0, 255);
const I16: Row = Signed(-32768, 32767);
const U16: Row = Signed(0, 65535);
const BYTES: Row = read(1, 1);
const OUT: Row = write(1, 1);
const UTF16: Row = read(2, 2);
const POINT: Plain = Plain::new(8, 4);

/// `&[T]` of a size and an alignment.
const fn read(size: u128, align: u128) -> Row {
    Slice(Plain::new(size, align), Read)
}

/// `&mut [T]`.
const fn write(size: u128, align: u128) -> Row {
    Slice(Plain::new(size, align), Write)
}

const fn entry(
    name: &'static str,
    parameters: &'static [Row],
    results: &'static [Kind],
    effect: Effect,
) -> Entry {
    Entry {
        name,
        parameters,
        results,
        effect,
    }
}

/// One that reads all it is passed, then writes all it may, and returns what it read.
const fn touching(name: &'static str, parameters: &'static [Row]) -> Entry {
    entry(name, parameters, &[Kind::I64], touch)
}

/// All of them.
#[must_use]
pub fn entries() -> &'static [Entry] {
    ENTRIES
}

static ENTRIES: &[Entry] = &[
    touching("numbers", &[INT, U32, U64, U64, F32, F64]),
    touching("small", &[I8, U8, I16, U16]),
    touching("truths", &[Bool, Char]),
    touching("bytes", &[BYTES]),
    touching("text", &[Text]),
    touching("slice_i8", &[BYTES]),
    touching("slice_u16", &[read(2, 2)]),
    touching("slice_i32", &[read(4, 4)]),
    touching("slice_f64", &[read(8, 8)]),
    touching("slice_arrays", &[read(6, 2)]),
    touching("slice_points", &[read(8, 4)]),
    touching("slice_blocks", &[read(24, 8)]),
    touching("mut_bytes", &[OUT]),
    touching("mut_u32", &[write(4, 4)]),
    touching("mut_blocks", &[write(24, 8)]),
    touching("one", &[One(Plain::new(8, 8), Read)]),
    touching("one_byte", &[One(Plain::new(1, 1), Read)]),
    touching("one_array", &[One(Plain::new(6, 2), Read)]),
    touching("mut_one", &[One(POINT, Write)]),
    touching("string", &[String]),
    touching("vec_u8", &[Copied(Plain::new(1, 1))]),
    touching("vec_u32", &[Copied(Plain::new(4, 4))]),
    touching("vec_blocks", &[Copied(Plain::new(24, 8))]),
    touching("c_str", &[CStr]),
    touching("utf16", &[UTF16]),
    touching("script", &[Script]),
    touching("low_text", &[Low(&Text)]),
    touching("low_mut", &[Low(&write(2, 2))]),
    touching("high_bytes", &[High(&BYTES)]),
    touching("high_vec", &[High(&Copied(Plain::new(2, 2)))]),
    touching("indirect", &[Indirect(&Text)]),
    touching("indirect_mut", &[Indirect(&OUT)]),
    touching("indirect_string", &[Indirect(&String)]),
    touching("list", &[List(&BYTES)]),
    touching("list_mut", &[List(&OUT)]),
    touching("list_text", &[List(&Text)]),
    touching("list_u32", &[List(&read(4, 4))]),
    touching("list_strings", &[List(&String)]),
    touching("option_text", &[Nullable(&Text)]),
    touching("option_mut", &[Nullable(&OUT)]),
    touching("option_one", &[Nullable(&One(Plain::new(4, 4), Read))]),
    touching("option_mut_one", &[Nullable(&One(Plain::new(8, 8), Write))]),
    touching("option_string", &[Nullable(&String)]),
    touching("option_vec", &[Nullable(&Copied(Plain::new(2, 2)))]),
    touching("option_c_str", &[Nullable(&CStr)]),
    touching("option_utf16", &[Nullable(&UTF16)]),
    touching("option_script", &[Nullable(&Script)]),
    touching("name", &[Text]),
    touching("c_string", &[CString]),
    touching("out", &[write(2, 2)]),
    touching("option_c_string", &[Nullable(&CString)]),
    touching("option_out", &[Nullable(&OUT)]),
    touching("option_low", &[Nullable(&Low(&Text))]),
    touching("option_high", &[Nullable(&High(&OUT))]),
    touching("option_indirect", &[Nullable(&Indirect(&Text))]),
    touching("mut_and_c_string", &[OUT, CString]),
    touching("out_and_vec", &[OUT, Copied(Plain::new(2, 2))]),
    touching("two_mut", &[OUT, OUT]),
    touching("mut_and_shared", &[OUT, BYTES]),
    touching("shared_and_mut", &[Text, write(4, 4)]),
    touching("two_shared_and_mut", &[BYTES, read(2, 2), OUT]),
    touching("option_and_mut", &[Nullable(&Text), OUT]),
    touching("list_and_mut", &[List(&BYTES), OUT]),
    touching("mut_and_list", &[OUT, List(&BYTES)]),
    touching("list_mut_and_text", &[List(&OUT), Text]),
    touching("mut_and_c_str", &[OUT, CStr]),
    touching("c_str_and_mut", &[CStr, OUT]),
    touching("mut_and_script", &[OUT, Script]),
    touching("script_and_mut", &[Script, OUT]),
    touching("mut_and_indirect", &[OUT, Indirect(&BYTES)]),
    touching("indirect_and_mut", &[Indirect(&Text), OUT]),
    touching("string_and_mut", &[String, OUT]),
    touching("mut_and_string", &[OUT, String]),
    touching(
        "three_mut",
        &[One(POINT, Write), write(2, 2), One(Plain::new(8, 8), Write)],
    ),
    touching(
        "four",
        &[
            One(Plain::new(2, 2), Read),
            One(POINT, Write),
            Nullable(&One(Plain::new(4, 4), Write)),
            One(Plain::new(5, 1), Write),
        ],
    ),
    touching(
        "copies",
        &[String, Copied(Plain::new(1, 1)), Indirect(&String)],
    ),
    touching("mixed", &[I8, Text, Low(&OUT), Bool, write(2, 2)]),
    entry("echo_i32", &[INT], &[Kind::I32], echo_i32),
    entry("echo_u32", &[U32], &[Kind::I32], echo_i32),
    entry("echo_i64", &[U64], &[Kind::I64], echo),
    entry("echo_u64", &[U64], &[Kind::I64], echo),
    entry("echo_f32", &[F32], &[Kind::F32], echo_f32),
    entry("echo_f64", &[F64], &[Kind::F64], echo_f64),
    entry("echo_i8", &[I8], &[Kind::I32], echo_i32),
    entry("echo_u8", &[U8], &[Kind::I32], echo_i32),
    entry("echo_i16", &[I16], &[Kind::I32], echo_i32),
    entry("echo_u16", &[U16], &[Kind::I32], echo_i32),
    entry("echo_bool", &[Bool], &[Kind::I32], echo_i32),
    entry("echo_char", &[Char], &[Kind::I32], echo_i32),
    entry("echo_level", &[Enum(&[1, 4, 255])], &[Kind::I32], echo_i32),
    entry(
        "echo_shift",
        &[Enum(&[-300, 0, 300])],
        &[Kind::I32],
        echo_i32,
    ),
    entry("echo_choice", &[Enum(&[-1, 0, 1])], &[Kind::I32], echo_i32),
    entry("echo_large", &[Enum64(&[1, 1 << 63])], &[Kind::I64], echo),
    entry("echo_celsius", &[F64], &[Kind::F64], echo_f64),
    entry("echo_chosen", &[Enum(&[-1, 0, 1])], &[Kind::I32], echo_i32),
    entry("echo_v128", &[V128], &[Kind::V128], echo_v128),
    entry("echo_size", &[Size], &[Kind::Pointer], echo),
    entry("echo_func", &[Func], &[Kind::Func], echo_func),
    entry("echo_extern", &[Extern], &[Kind::Extern], echo_object),
    entry("echo_any", &[Any], &[Kind::Any], echo_any),
    entry(
        "echo_object",
        &[Thing { null: true }],
        &[Kind::Extern],
        echo_object,
    ),
    entry("echo_handle", &[U32], &[Kind::I32], echo_i32),
    entry("nothing", &[], &[], |_, _, _| Ok(vec![])),
    entry(
        "twelve",
        &[U8, U64],
        &[
            Kind::I32,
            Kind::I64,
            Kind::I32,
            Kind::I32,
            Kind::I32,
            Kind::I32,
            Kind::I32,
            Kind::F32,
            Kind::F64,
            Kind::I32,
            Kind::I32,
            Kind::I64,
        ],
        twelve,
    ),
    entry("packed_low", &[U32, U32], &[Kind::I64], |_, seen, _| {
        bits(seen[0].number() | seen[1].number() << 32)
    }),
    entry("packed_high", &[U32, U32], &[Kind::I64], |_, seen, _| {
        bits(seen[1].number() | seen[0].number() << 32)
    }),
    entry("fallible", &[Bool, I16], &[Kind::I32, Kind::I64], fallible),
    entry("object_new", &[U64], &[Kind::Extern], |_, seen, _| {
        Ok(vec![Expected::Object(Object::Thing(seen[0].number()))])
    }),
    entry("other_new", &[], &[Kind::Extern], |_, _, _| {
        Ok(vec![Expected::Object(Object::Other)])
    }),
    entry(
        "object_value",
        &[Thing { null: false }],
        &[Kind::I64],
        |_, seen, _| bits(thing(&seen[0])),
    ),
    entry(
        "objects",
        &[Thing { null: true }, U8, Other],
        &[Kind::I64],
        |_, seen, _| bits(thing(&seen[0]).wrapping_add(seen[1].number())),
    ),
    entry("handle_new", &[U64], &[Kind::I32], |_, seen, _| {
        Ok(vec![Expected::Handle(Some(seen[0].number()))])
    }),
    entry("handle_other", &[], &[Kind::I32], |_, _, _| {
        Ok(vec![Expected::Handle(None)])
    }),
    entry("handle_get", &[U32], &[Kind::I64], handle_get),
    entry("handle_remove", &[U32], &[Kind::I64], handle_remove),
    entry("count", &[U32, OUT], &[Kind::I64], count),
    entry(
        "count_by_caller",
        &[U16, String],
        &[Kind::I64],
        count_by_caller,
    ),
    entry("counted", &[], &[Kind::I32], |world, _, _| {
        bits(world.counter.into())
    }),
    entry("reset", &[U8], &[], reset),
    entry("pointer_read", &[Size], &[Kind::I64], pointer_read),
    entry("pointer_write", &[Size, U32], &[], pointer_write),
    entry("slice_copy", &[LateSlice, String], &[Kind::I64], slice_copy),
    entry(
        "slice_move",
        &[LateSlice, U64, U64],
        &[Kind::I32],
        slice_move,
    ),
    entry(
        "slice_write",
        &[LateSlice, Copied(Plain::new(2, 2))],
        &[],
        slice_write,
    ),
    entry("grow", &[U8], &[Kind::I64], |world, seen, _| {
        grow(world, seen[0].number())
            .ok_or(Fault::Trap)
            .and_then(bits)
    }),
    entry("borrow", &[Size, U64, Size, U64], &[Kind::I32], borrow),
    entry(
        "give",
        &[U8],
        &[Kind::Pointer, Kind::Length],
        |world, seen, _| {
            let (pointer, length) = give_text(world, seen)?;
            Ok(vec![Expected::Bits(pointer), Expected::Bits(length)])
        },
    ),
    entry(
        "give_words",
        &[U8, BYTES],
        &[Kind::Pointer, Kind::Length],
        |world, seen, _| {
            let (pointer, length) = give_words(world, seen)?;
            Ok(vec![Expected::Bits(pointer), Expected::Bits(length)])
        },
    ),
    entry("give_low", &[U8], &[Kind::I64], |world, seen, _| {
        let (pointer, length) = give_text(world, seen)?;
        bits(pointer | length << 32)
    }),
    entry("give_high", &[U8], &[Kind::I64], |world, seen, _| {
        let (pointer, length) = give_words(world, seen)?;
        bits(pointer << 32 | length)
    }),
    entry(
        "give_indirect",
        &[U8],
        &[Kind::Pointer],
        |world, seen, _| {
            let (pointer, length) = give_text(world, seen)?;
            let pair = sizes(world, &[pointer, length]);
            bits(allocate(world, &pair, if world.wide { 8 } else { 4 })?)
        },
    ),
    entry(
        "give_c_string",
        &[U8],
        &[Kind::Pointer],
        |world, seen, _| {
            let text = touch::text(byte(&seen[0])) + "\0";
            bits(allocate(world, text.as_bytes(), 1)?)
        },
    ),
    entry(
        "give_perhaps",
        &[Bool],
        &[Kind::Pointer, Kind::Length],
        |world, seen, _| {
            let given = seen[0].number() == 1;
            let pointer = if given {
                allocate(world, touch::text(9).as_bytes(), 1)?
            } else {
                0
            };
            Ok(vec![
                Expected::Bits(pointer),
                Expected::Bits(if given { 9 } else { 0 }),
            ])
        },
    ),
    entry(
        "return_block",
        &[Return, U64, Text],
        &[],
        |world, seen, _| {
            let length = u32::try_from(seen[2].range().len()).expect("it is in the memory");
            let mut block = 1.5_f64.to_le_bytes().to_vec();
            block.extend(seen[1].number().to_le_bytes());
            block.extend([length.to_le_bytes(), 7_u32.to_le_bytes()].concat());
            at(world, seen[0].number(), 24)?.copy_from_slice(&block);
            Ok(vec![])
        },
    ),
    entry("return_text", &[U8, Return], &[], |world, seen, _| {
        let (pointer, length) = give_text(world, seen)?;
        return_pair(world, &seen[1], pointer, length)?;
        Ok(vec![])
    }),
    entry("coded", &[U32, U8], &[Kind::I32], |_, seen, _| {
        match seen[1].number() {
            1 => bits((-2_i32).cast_unsigned().into()),
            2 => Err(Fault::Trap),
            _ if seen[0].number() >= 1 << 31 => Err(Fault::Trap),
            _ => bits(seen[0].number()),
        }
    }),
    entry(
        "coded_text",
        &[U8, Text, Return],
        &[Kind::I32],
        |world, seen, _| {
            match seen[0].number() {
                1 => return bits((-2_i32).cast_unsigned().into()),
                2 => return Err(Fault::Trap),
                _ => {}
            }
            let text = world.memory[seen[1].range()].to_vec();
            let pointer = allocate(world, &text, 1)?;
            return_pair(world, &seen[2], pointer, text.len() as u64)?;
            bits(0)
        },
    ),
    entry(
        "there",
        &[Nullable(&Size), Nullable(&LateSlice), Nullable(&U32)],
        &[Kind::I32],
        |_, seen, _| {
            let there = |place: usize| u64::from(!matches!(seen[place], Seen::Null));
            bits(there(0) | there(1) << 1 | there(2) << 2)
        },
    ),
    entry("apply", &[Size, INT], &[Kind::I32], apply),
    entry("apply_ref", &[Func, INT], &[Kind::I32], apply_ref),
    entry(
        "around",
        &[Size, INT, Size, Copied(Plain::new(1, 1))],
        &[Kind::I32, Kind::I32, Kind::I32, Kind::I64],
        around,
    ),
];

#[expect(clippy::unnecessary_wraps, reason = "an effect's result")]
fn bits(bits: u64) -> Results {
    Ok(vec![Expected::Bits(bits)])
}

fn touch(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let mut digest = Digest::new();
    for each in seen {
        each.look(&world.memory, &mut digest);
    }
    for (place, each) in seen.iter().enumerate() {
        each.mark(&mut world.memory, digest.seed(place));
    }
    bits(digest.value())
}

fn echo(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    bits(seen[0].number())
}

/// The bits of an `i32`.
fn low(seen: &Seen) -> u64 {
    seen.number() % (1 << 32)
}

fn echo_i32(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    bits(low(&seen[0]))
}

fn echo_f32(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let bits = u32::try_from(seen[0].number()).expect("it is an `f32`");
    Ok(vec![Expected::F32(bits)])
}

#[expect(clippy::unnecessary_wraps, reason = "it is an effect")]
fn echo_f64(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    Ok(vec![Expected::F64(seen[0].number())])
}

fn echo_v128(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let Seen::V128(vector) = seen[0] else {
        unreachable!("{:?} is no vector", seen[0])
    };
    let half = |bits: u128| Expected::Bits(u64::try_from(bits % (1 << 64)).expect("it is a half"));
    Ok(vec![half(vector), half(vector >> 64)])
}

fn echo_func(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    Ok(vec![Expected::Func(func(&seen[0]))])
}

fn echo_object(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let Seen::Object(object) = seen[0] else {
        unreachable!("{:?} is no object", seen[0])
    };
    Ok(vec![Expected::Object(object)])
}

fn echo_any(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let Seen::Any(number) = seen[0] else {
        unreachable!("{:?} is no `anyref`", seen[0])
    };
    bits(number.map_or(0, |number| u64::from(number) << 1 | 1))
}

fn twelve(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
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

fn fallible(_: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    if seen[0].number() == 1 {
        return Err(Fault::Trap);
    }
    Ok(vec![Expected::Bits(low(&seen[1])), Expected::Bits(7)])
}

fn func(seen: &Seen) -> FuncRef {
    match seen {
        Seen::Func(func) => *func,
        other => unreachable!("{other:?} is no function"),
    }
}

/// The number of a `Thing`, 0 for none.
fn thing(seen: &Seen) -> u64 {
    match seen {
        Seen::Object(Object::Thing(number)) => *number,
        Seen::Object(_) => 0,
        other => unreachable!("{other:?} is no object"),
    }
}

fn handle(seen: &Seen) -> u32 {
    u32::try_from(seen.number()).expect("it is an `i32`")
}

fn handle_get(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    match world.handles.get(&handle(&seen[0])) {
        Some(Some(value)) => bits(*value),
        _ => Err(Fault::Trap),
    }
}

fn handle_remove(world: &mut World, seen: &[Seen], left: (u128, u128)) -> Results {
    let value = handle_get(world, seen, left)?;
    world.handles.remove(&handle(&seen[0]));
    Ok(value)
}

fn count(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let written = seen[1].range();
    world.counter = world.counter.wrapping_add(handle(&seen[0]));
    world.sum = world.sum.wrapping_add(written.len() as u64);
    world.memory[written].fill(0x77);
    bits(world.sum.wrapping_add(world.counter.into()))
}

fn count_by_caller(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    world.counter = world.counter.wrapping_add(handle(&seen[0]));
    bits(u64::from(world.counter) + seen[1].range().len() as u64)
}

fn reset(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    world.counter = handle(&seen[0]);
    Ok(vec![])
}

/// The bytes at an address, which nothing has borrowed.
fn at(world: &mut World, pointer: u64, length: u128) -> Result<&mut [u8], Fault> {
    let end = u128::from(pointer) + length;
    if end > world.memory.len() as u128 {
        return Err(Fault::Trap);
    }
    let place = |place: u128| usize::try_from(place).expect("it is within the memory");
    Ok(&mut world.memory[place(pointer.into())..place(end)])
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn pointer_read(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let bytes = at(world, seen[0].number(), 8)?;
    bits(number(bytes))
}

fn pointer_write(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let value = handle(&seen[1]).to_le_bytes();
    at(world, seen[0].number(), 4)?.copy_from_slice(&value);
    Ok(vec![])
}

fn slice_copy(world: &mut World, seen: &[Seen], (least, most): (u128, u128)) -> Results {
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
fn nth(place: (u64, u64), index: u64, size: u64) -> Result<u64, Fault> {
    let (pointer, length) = place;
    let offset = index.checked_mul(size).filter(|_| index < length);
    offset
        .and_then(|offset| pointer.checked_add(offset))
        .ok_or(Fault::Trap)
}

fn slice_move(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let from = nth(seen[0].place(), seen[1].number(), 4)?;
    let bytes = at(world, from, 4)?.to_vec();
    let to = nth(seen[0].place(), seen[2].number(), 4)?;
    at(world, to, 4)?.copy_from_slice(&bytes);
    bits(number(&bytes))
}

fn slice_write(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let (pointer, length) = seen[0].place();
    let bytes = world.memory[seen[1].range()].to_vec();
    if bytes.len() as u64 / 2 > length {
        return Err(Fault::Trap);
    }
    at(world, pointer, bytes.len() as u128)?.copy_from_slice(&bytes);
    Ok(vec![])
}

fn byte(seen: &Seen) -> u8 {
    u8::try_from(seen.number()).expect("it is an `u8`")
}

/// Sizes as the guest has them in its memory.
fn sizes(world: &World, sizes: &[u64]) -> Vec<u8> {
    let width = if world.wide { 8 } else { 4 };
    sizes
        .iter()
        .flat_map(|size| size.to_le_bytes().into_iter().take(width))
        .collect()
}

/// Has the guest make room, and fills it.
fn allocate(world: &mut World, bytes: &[u8], align: u64) -> Result<u64, Fault> {
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
    if pointer == 0 || pointer % align != 0 {
        return Err(Fault::Trap);
    }
    at(world, pointer, bytes.len().max(1) as u128)?;
    at(world, pointer, bytes.len() as u128)?.copy_from_slice(bytes);
    Ok(pointer)
}

fn give_text(world: &mut World, seen: &[Seen]) -> Result<(u64, u64), Fault> {
    let text = touch::text(byte(&seen[0]));
    Ok((allocate(world, text.as_bytes(), 1)?, text.len() as u64))
}

fn give_words(world: &mut World, seen: &[Seen]) -> Result<(u64, u64), Fault> {
    let words = touch::words(byte(&seen[0]));
    let bytes: Vec<_> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Ok((allocate(world, &bytes, 4)?, words.len() as u64))
}

/// What a return pointer gets of something allocated.
fn return_pair(world: &mut World, to: &Seen, pointer: u64, length: u64) -> Result<(), Fault> {
    let pair = sizes(world, &[pointer, length]);
    at(world, to.number(), pair.len() as u128)?.copy_from_slice(&pair);
    Ok(())
}

/// Grows the memory, and says how many pages it had; `None` if it cannot have so many.
fn grow(world: &mut World, pages: u64) -> Option<u64> {
    let before = world.memory.len();
    let more = usize::try_from(pages).ok()?.checked_mul(world.page)?;
    let size = before
        .checked_add(more)
        .filter(|&size| size <= world.most)?;
    world.memory.resize(size, 0);
    Some((before / world.page) as u64)
}

fn borrow(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
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

/// The functions in the trampoline's table that can be called, as WebAssembly text. [`call`] knows what
/// they do. `$m` is the memory, and `{p}` the type of its addresses.
pub const CALLBACKS: &str = r#"
    (global $first (mut i64) (i64.const 0))
    (global $second (mut i64) (i64.const 0))
    (global $mode (mut i32) (i32.const 0))
    (func (export "grant") (param i64 i64 i64)
        (global.set $first (local.get 0))
        (global.set $second (local.get 1))
        (global.set $mode (i32.wrap_i64 (local.get 2))))
    (func $room (result {p}) (local $given i64)
        (if (i32.eq (global.get $mode) (i32.const 1)) (then (unreachable)))
        (if (i32.eq (global.get $mode) (i32.const 2)) (then (drop (memory.grow $m ({p}.const 1)))))
        (local.set $given (global.get $first))
        (global.set $first (global.get $second))
        (global.set $second (local.get $given))
        {given})
    (func (export "malloc") (param {p}) (result {p}) (call $room))
    (func (export "cabi_realloc") (param {p} {p} {p} {p}) (result {p}) (call $room))
    (type $callback (func (param i32) (result i32)))
    (func $next (type $callback) (i32.add (local.get 0) (i32.const 1)))
    (func $trap (type $callback) (unreachable))
    (func $other)
    (func $grow (type $callback)
        (drop (memory.grow $m ({p}.const 1)))
        (local.get 0))
    (func $poke (type $callback)
        (i32.store8 $m ({extend} (local.get 0)) (i32.const 90))
        (local.get 0))
    (func $again (type $callback)
        (if (result i32) (i32.and (local.get 0) (i32.const 7))
            (then (call $f_apply ({p}.const 6) (i32.sub (local.get 0) (i32.const 1))))
            (else (call $f_apply ({p}.const 1) (local.get 0)))))
    (func $mark (type $callback)
        (i32.wrap_i64 (call $f_mut_bytes
            ({extend} (i32.and (local.get 0) (i32.const 63))) ({p}.const 8))))
    (table $functions (export "__indirect_function_table") 8 8 funcref)
    (elem (table $functions) (i32.const 1) func $next $trap $other $grow $poke $again $mark)
"#;

/// What a call of the function at an index of that table comes to.
fn call(world: &mut World, index: u64, x: i32) -> Result<i32, Fault> {
    match index {
        1 => Ok(x.wrapping_add(1)),
        4 => {
            grow(world, 1);
            Ok(x)
        }
        5 => {
            at(world, x.cast_unsigned().into(), 1)?[0] = 90;
            Ok(x)
        }
        6 => Ok((x & !7) + 1),
        7 => {
            let entry = ENTRIES.iter().find(|entry| entry.name == "mut_bytes");
            let pointer = u64::from((x & 63).cast_unsigned());
            let passed = [Value::Bits(pointer), Value::Bits(8)];
            match world.judge(entry.expect("it is an entry"), &passed) {
                Verdict::Returns(results) => match results[..] {
                    [Expected::Bits(bits)] => Ok(int(bits)),
                    _ => unreachable!("it returns a digest"),
                },
                _ => Err(Fault::Trap),
            }
        }
        // Null, one that traps, one of another type, and past the end.
        _ => Err(Fault::Trap),
    }
}

/// The lower half.
fn int(bits: u64) -> i32 {
    u32::try_from(bits % (1 << 32))
        .expect("it is a half")
        .cast_signed()
}

fn signed(number: i32) -> Expected {
    Expected::Bits(number.cast_unsigned().into())
}

fn apply(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let result = call(world, seen[0].number(), int(seen[1].number()))?;
    Ok(vec![signed(result)])
}

fn apply_ref(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    match func(&seen[0]) {
        FuncRef::Callback(index) => {
            let result = call(world, index.into(), int(seen[1].number()))?;
            Ok(vec![signed(result)])
        }
        FuncRef::Null => Err(Fault::Trap),
        FuncRef::Unknown => Err(Fault::Open),
    }
}

fn around(world: &mut World, seen: &[Seen], _: (u128, u128)) -> Results {
    let pointer = seen[2].number();
    let mut digest = Digest::new();
    seen[3].look(&world.memory, &mut digest);
    let before = number(at(world, pointer, 2)?);
    let result = call(world, seen[0].number(), int(seen[1].number()))?;
    let after = number(at(world, pointer, 2)?);
    Ok(vec![
        Expected::Bits(before),
        signed(result),
        Expected::Bits(after),
        Expected::Bits(digest.value()),
    ])
}

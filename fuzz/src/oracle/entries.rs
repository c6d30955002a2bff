//! What each function of the catalogue takes, returns and does.

use crate::{
    oracle::{
        Expected, Fault, Kind, Object,
        callbacks::{apply, apply_ref, around},
        effects::{
            Effect, allocate, bits, borrow, byte, coded, count, count_by_caller, echo, echo_any,
            echo_f32, echo_f64, echo_func, echo_i32, echo_object, echo_v128, fallible, give_text,
            give_words, grow, handle_get, handle_remove, pointer_read, pointer_write, reset,
            return_bytes, return_pair, sizes, slice_copy, slice_move, slice_write, thing, touch,
            twelve,
        },
        globals::{constants, swap},
        rows::{
            Access::{Read, Write},
            Plain,
            Row::{
                self, Any, Bool, CStr, CString, Caller, Char, Enum, Enum64, Extern, F32, F64, Func,
                High, Indirect, LateSlice, List, Low, One, Option as Nullable, Other, Return,
                Script, Signed, Size, Slice, String, Text, Thing, U32, U64, V128, Vec as Copied,
            },
            Seen,
        },
    },
    touch,
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
    entry("echo_any", &[Any(Kind::Any)], &[Kind::Any], echo_any),
    entry("echo_eq", &[Any(Kind::Eq)], &[Kind::Eq], echo_any),
    entry("echo_i31", &[Any(Kind::I31)], &[Kind::I31], echo_any),
    entry(
        "echo_struct",
        &[Any(Kind::Struct)],
        &[Kind::Struct],
        echo_any,
    ),
    entry("echo_array", &[Any(Kind::Array)], &[Kind::Array], echo_any),
    entry("echo_exn", &[Any(Kind::Exn)], &[Kind::Exn], echo_any),
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
        &[U16, Caller, String],
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
        world.guest()?;
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
            return_bytes(world, &seen[0], &block)?;
            Ok(vec![])
        },
    ),
    entry("return_number", &[Return, U64], &[], |world, seen, _| {
        return_bytes(world, &seen[0], &seen[1].number().to_le_bytes())?;
        Ok(vec![])
    }),
    entry("return_text", &[U8, Return], &[], |world, seen, _| {
        let (pointer, length) = give_text(world, seen)?;
        return_pair(world, &seen[1], pointer, length)?;
        Ok(vec![])
    }),
    entry("coded", &[U32, U8], &[Kind::I32], |_, seen, _| {
        coded(seen, 32)
    }),
    entry(
        "coded_size",
        &[Size, U8],
        &[Kind::Pointer],
        |world, seen, _| coded(seen, if world.wide { 64 } else { 32 }),
    ),
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
    entry(
        "byte_at",
        &[One(Plain::new(1, 1), Read)],
        &[Kind::I32],
        |world, seen, _| bits(world.memory[seen[0].range().start].into()),
    ),
    entry("swap_i32", &[INT], &[Kind::I32], |world, seen, _| {
        swap(world, "I32", &seen[0])
    }),
    entry("swap_u32", &[U32], &[Kind::I32], |world, seen, _| {
        swap(world, "U32", &seen[0])
    }),
    entry("swap_i64", &[U64], &[Kind::I64], |world, seen, _| {
        swap(world, "I64", &seen[0])
    }),
    entry("swap_u64", &[U64], &[Kind::I64], |world, seen, _| {
        swap(world, "U64", &seen[0])
    }),
    entry("swap_f32", &[F32], &[Kind::F32], |world, seen, _| {
        swap(world, "F32", &seen[0])
    }),
    entry("swap_f64", &[F64], &[Kind::F64], |world, seen, _| {
        swap(world, "F64", &seen[0])
    }),
    entry("swap_v128", &[V128], &[Kind::V128], |world, seen, _| {
        swap(world, "V128", &seen[0])
    }),
    entry("swap_size", &[Size], &[Kind::Pointer], |world, seen, _| {
        swap(world, "SIZE", &seen[0])
    }),
    entry("swap_func", &[Func], &[Kind::Func], |world, seen, _| {
        swap(world, "FUNC", &seen[0])
    }),
    entry(
        "swap_extern",
        &[Extern],
        &[Kind::Extern],
        |world, seen, _| swap(world, "EXTERN", &seen[0]),
    ),
    entry(
        "swap_any",
        &[Any(Kind::Any)],
        &[Kind::Any],
        |world, seen, _| swap(world, "ANY", &seen[0]),
    ),
    entry(
        "swap_eq",
        &[Any(Kind::Eq)],
        &[Kind::Eq],
        |world, seen, _| swap(world, "EQ", &seen[0]),
    ),
    entry(
        "swap_i31",
        &[Any(Kind::I31)],
        &[Kind::I31],
        |world, seen, _| swap(world, "I31", &seen[0]),
    ),
    entry(
        "swap_struct",
        &[Any(Kind::Struct)],
        &[Kind::Struct],
        |world, seen, _| swap(world, "STRUCT", &seen[0]),
    ),
    entry(
        "swap_array",
        &[Any(Kind::Array)],
        &[Kind::Array],
        |world, seen, _| swap(world, "ARRAY", &seen[0]),
    ),
    entry(
        "swap_exn",
        &[Any(Kind::Exn)],
        &[Kind::Exn],
        |world, seen, _| swap(world, "EXN", &seen[0]),
    ),
    entry(
        "constants",
        &[],
        &[
            Kind::I32,
            Kind::I32,
            Kind::I64,
            Kind::I64,
            Kind::F32,
            Kind::F64,
            Kind::V128,
            Kind::Pointer,
            Kind::I32,
        ],
        constants,
    ),
];

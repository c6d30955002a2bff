//! The table of parameters in `host-runtime/docs/types.md`: what each type is to a guest, and when it is a trap.

use std::ops::Range;

use crate::{
    oracle::{Fault, Func, Kind, Object, Value, lent::Lent},
    touch::{self, Digest},
};

/// A row of the table, for one type.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// `i32`, or an integer that is smaller: in this range, as an `i32`.
    Signed(i32, i32),
    /// `u32`, `Callback`, `Handle`.
    U32,
    /// `i64` and `u64`.
    U64,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `bool`.
    Bool,
    /// `char`.
    Char,
    /// `&[T]` and `&mut [T]`, of elements of a size and an alignment.
    Slice(Plain, Access),
    /// `&T` and `&mut T`.
    One(Plain, Access),
    /// `Vec<T>`.
    Vec(Plain),
    /// `&str`.
    Text,
    /// `String`.
    String,
    /// `&CStr`.
    CStr,
    /// `CString`.
    CString,
    /// Where a result is written to: no parameter of the function's.
    Return,
    /// `Caller<'_, T>`, which no guest passes.
    Caller,
    /// `AssemblyScriptStr`.
    Script,
    /// `PointerLow<…>`.
    Low(&'static Row),
    /// `PointerHigh<…>`.
    High(&'static Row),
    /// `Indirect<…>`.
    Indirect(&'static Row),
    /// `SliceList<…>`.
    List(&'static Row),
    /// `Option<…>` of what has a pointer.
    Option(&'static Row),
    /// A C-like enum that is an `i32`: its numbers.
    Enum(&'static [i32]),
    /// A C-like enum that is an `i64`.
    Enum64(&'static [u64]),
    /// `V128`.
    V128,
    /// `GuestSize` and `GuestPointer<T>`.
    Size,
    /// `GuestSlice<T>`.
    LateSlice,
    /// `Option<Func>` and `CallbackRef<P, R>`.
    Func,
    /// `Option<Rooted<ExternRef>>`.
    Extern,
    /// `Option<…>` of any other reference.
    Any(Kind),
    /// `HostObject<Thing>`, or `Option` of it.
    Thing {
        /// Whether it may be null.
        null: bool,
    },
    /// `HostObject<Other>`.
    Other,
}

/// How large an element is, and what its address is a multiple of.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    size: u128,
    align: u128,
}

impl Plain {
    pub(super) const fn new(size: u128, align: u128) -> Self {
        Self { size, align }
    }
}

/// What a borrow is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Access {
    /// `&`.
    Read,
    /// `&mut`.
    Write,
}

/// What a function sees of a parameter.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    /// A number, as its bits in 64: a negative one is sign-extended.
    Number(u64),
    /// A vector.
    V128(u128),
    /// Bytes of the memory, and whether they may be written.
    Bytes(Range<usize>, Access),
    /// Nothing, for a pointer 0.
    Null,
    /// Something, for another.
    Some(Box<Seen>),
    /// One after the other.
    List(Vec<Seen>),
    /// A place that is looked at later.
    Place(u64, u64),
    /// A reference.
    Func(Func),
    /// A reference.
    Object(Object),
    /// A reference.
    Any(Option<u32>),
}

impl Row {
    /// The core values that it is.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Signed(..) | Self::U32 | Self::Bool | Self::Char | Self::Enum(_) => {
                vec![Kind::I32]
            }
            Self::U64 | Self::Enum64(_) => vec![Kind::I64],
            Self::F32 => vec![Kind::F32],
            Self::F64 => vec![Kind::F64],
            Self::V128 => vec![Kind::V128],
            Self::Slice(..)
            | Self::Vec(_)
            | Self::Text
            | Self::String
            | Self::List(_)
            | Self::LateSlice => vec![Kind::Pointer, Kind::Length],
            Self::One(..)
            | Self::CStr
            | Self::CString
            | Self::Indirect(_)
            | Self::Size
            | Self::Return => vec![Kind::Pointer],
            Self::Script => vec![Kind::Pointer32],
            Self::Low(_) => vec![Kind::Low],
            Self::High(_) => vec![Kind::High],
            Self::Option(inner) => inner.kinds(),
            Self::Func => vec![Kind::Func],
            Self::Extern | Self::Thing { .. } | Self::Other => vec![Kind::Extern],
            Self::Any(kind) => vec![*kind],
            Self::Caller => vec![],
        }
    }

    /// Whether there is none without a guest's memory.
    pub(super) fn is_of_memory(&self) -> bool {
        match self {
            Self::Slice(..)
            | Self::One(..)
            | Self::Vec(_)
            | Self::Text
            | Self::String
            | Self::CStr
            | Self::CString
            | Self::Script
            | Self::Indirect(_)
            | Self::List(_) => true,
            Self::Low(inner) | Self::High(inner) | Self::Option(inner) => inner.is_of_memory(),
            _ => false,
        }
    }

    /// Makes what the function sees of core values, if the table says that it can be made.
    pub(super) fn admit(
        &self,
        values: &mut dyn Iterator<Item = Value>,
        lent: &mut Lent<'_>,
    ) -> Result<Seen, Fault> {
        Ok(match *self {
            Self::Signed(least, most) => {
                let number = int(values);
                ensure((least..=most).contains(&number))?;
                signed(number)
            }
            Self::U32 | Self::U64 | Self::F32 | Self::F64 | Self::Size | Self::Return => {
                Seen::Number(bits(values))
            }
            Self::Bool => {
                let number = bits(values);
                ensure(number == 0 || number == 1)?;
                Seen::Number(number)
            }
            Self::Char => {
                let number = bits(values);
                ensure(matches!(number, 0..=0xD7FF | 0xE000..=0x10_FFFF))?;
                Seen::Number(number)
            }
            Self::Enum(numbers) => {
                let number = int(values);
                ensure(numbers.contains(&number))?;
                signed(number)
            }
            Self::Enum64(numbers) => {
                let number = bits(values);
                ensure(numbers.contains(&number))?;
                Seen::Number(number)
            }
            Self::V128 => match values.next() {
                Some(Value::V128(bits)) => Seen::V128(bits),
                other => unreachable!("{other:?} is no vector"),
            },
            Self::Slice(..)
            | Self::Vec(_)
            | Self::Text
            | Self::String
            | Self::List(_)
            | Self::LateSlice => {
                let pointer = bits(values);
                self.of_slice(pointer, bits(values), lent)?
            }
            Self::One(plain, access) => {
                let pointer = bits(values);
                let range = lent.borrow(pointer, plain.size, access == Access::Write)?;
                aligned(&range, plain)?;
                Seen::Bytes(place(&range), access)
            }
            Self::CStr => c_str(bits(values), lent)?,
            Self::CString => c_string(bits(values), lent)?,
            Self::Script => script(bits(values), lent)?,
            Self::Low(inner) => {
                let (low, high) = halves(bits(values));
                inner.of_slice(low, high, lent)?
            }
            Self::High(inner) => {
                let (low, high) = halves(bits(values));
                inner.of_slice(high, low, lent)?
            }
            Self::Indirect(inner) => {
                let (pointer, length) = pair(bits(values).into(), lent)?;
                inner.of_slice(pointer, length, lent)?
            }
            Self::Option(inner) => {
                let first = values.next().into_iter();
                let all: Vec<_> = first.chain(values.take(inner.kinds().len() - 1)).collect();
                let pointer = match (inner, all.first()) {
                    (Self::Low(_), Some(Value::Bits(bits))) => halves(*bits).0,
                    (Self::High(_), Some(Value::Bits(bits))) => halves(*bits).1,
                    (_, Some(Value::Bits(bits))) => *bits,
                    (_, other) => unreachable!("{other:?} is no pointer"),
                };
                if pointer == 0 {
                    Seen::Null
                } else {
                    Seen::Some(Box::new(inner.admit(&mut all.into_iter(), lent)?))
                }
            }
            Self::Caller => Seen::Null,
            Self::Func => match values.next() {
                Some(Value::Func(func)) => Seen::Func(func),
                other => unreachable!("{other:?} is no function"),
            },
            Self::Any(_) => match values.next() {
                Some(Value::Any(number)) => Seen::Any(number),
                other => unreachable!("{other:?} is no such reference"),
            },
            Self::Extern | Self::Thing { .. } | Self::Other => match values.next() {
                Some(Value::Object(object)) => self.of_object(object)?,
                other => unreachable!("{other:?} is no `externref`"),
            },
        })
    }

    /// Those that are passed by a pointer and a length.
    fn of_slice(&self, pointer: u64, length: u64, lent: &mut Lent<'_>) -> Result<Seen, Fault> {
        let bytes = |plain: Plain| u128::from(length) * plain.size;
        Ok(match *self {
            Self::Slice(plain, access) => {
                let range = lent.borrow(pointer, bytes(plain), access == Access::Write)?;
                aligned(&range, plain)?;
                Seen::Bytes(place(&range), access)
            }
            Self::Text => {
                let range = lent.borrow(pointer, length.into(), false)?;
                utf8(&range, lent)?;
                Seen::Bytes(place(&range), Access::Read)
            }
            Self::Vec(plain) => {
                let range = lent.copy(pointer, bytes(plain))?;
                aligned(&range, plain)?;
                lent.charge(bytes(plain), bytes(plain))?;
                Seen::Bytes(place(&range), Access::Read)
            }
            Self::String => {
                let range = lent.copy(pointer, length.into())?;
                utf8(&range, lent)?;
                lent.charge(length.into(), length.into())?;
                Seen::Bytes(place(&range), Access::Read)
            }
            Self::List(inner) => inner.of_list(pointer, length, lent)?,
            Self::LateSlice => Seen::Place(pointer, length),
            _ => unreachable!("{self:?} is not passed by a pointer and a length"),
        })
    }

    /// "The list and all that it lists must be within the call's copy budget": what is taken besides,
    /// to note what was borrowed, is at most a few words for each.
    fn of_list(&self, pointer: u64, count: u64, lent: &mut Lent<'_>) -> Result<Seen, Fault> {
        let size: u128 = if lent.wide() { 16 } else { 8 };
        let list = u128::from(count) * size;
        lent.within(pointer, list)?;
        lent.charge(list, list.max(u128::from(count) * 128))?;
        let mut seen = Vec::new();
        for index in 0..u128::from(count) {
            let (pointer, length) = pair(u128::from(pointer) + index * size, lent)?;
            if let Self::String | Self::Vec(_) = self {
                lent.charge(0, length.into())?;
            } else {
                lent.charge(length.into(), length.into())?;
            }
            seen.push(self.of_slice(pointer, length, lent)?);
        }
        Ok(Seen::List(seen))
    }

    fn of_object(&self, object: Object) -> Result<Seen, Fault> {
        let good = match (self, object) {
            (Self::Extern, _)
            | (Self::Thing { null: true }, Object::Null)
            | (Self::Thing { .. }, Object::Thing(_))
            | (Self::Other, Object::Other) => true,
            (_, Object::Unknown) => return Err(Fault::Open),
            _ => false,
        };
        ensure(good)?;
        Ok(Seen::Object(object))
    }
}

fn ensure(good: bool) -> Result<(), Fault> {
    if good { Ok(()) } else { Err(Fault::Trap) }
}

fn bits(values: &mut dyn Iterator<Item = Value>) -> u64 {
    match values.next() {
        Some(Value::Bits(bits)) => bits,
        other => unreachable!("{other:?} is no number"),
    }
}

/// An `i32`.
fn int(values: &mut dyn Iterator<Item = Value>) -> i32 {
    halves(bits(values))
        .0
        .try_into()
        .map(u32::cast_signed)
        .expect("it is a half")
}

fn signed(number: i32) -> Seen {
    Seen::Number(i64::from(number).cast_unsigned())
}

/// The lower and the upper half.
fn halves(bits: u64) -> (u64, u64) {
    (bits % (1 << 32), bits / (1 << 32))
}

fn place(range: &Range<u128>) -> Range<usize> {
    let at = |place: u128| usize::try_from(place).expect("it is within the memory");
    at(range.start)..at(range.end)
}

/// An empty slice is at any address, for it is never looked at.
fn aligned(range: &Range<u128>, plain: Plain) -> Result<(), Fault> {
    ensure(range.is_empty() || range.start.is_multiple_of(plain.align))
}

fn utf8(range: &Range<u128>, lent: &Lent<'_>) -> Result<(), Fault> {
    ensure(std::str::from_utf8(lent.bytes(range)).is_ok())
}

/// A pointer and a length that lie in the memory.
fn pair(at: u128, lent: &Lent<'_>) -> Result<(u64, u64), Fault> {
    let at = u64::try_from(at).map_err(|_| Fault::Trap)?;
    let half = if lent.wide() { 8 } else { 4 };
    let range = lent.copy(at, 2 * half as u128)?;
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |number, &byte| number << 8 | u64::from(byte))
    };
    let (pointer, length) = lent.bytes(&range).split_at(half);
    Ok((number(pointer), number(length)))
}

/// All up to a NUL and with it.
fn c_str(pointer: u64, lent: &mut Lent<'_>) -> Result<Seen, Fault> {
    let rest = lent.within(pointer, 1)?;
    let length = lent
        .bytes(&(rest.start..lent.size()))
        .iter()
        .position(|&byte| byte == 0);
    let range = lent.borrow(pointer, length.ok_or(Fault::Trap)? as u128 + 1, false)?;
    Ok(Seen::Bytes(place(&range), Access::Read))
}

/// The same, copied. The NUL itself may or may not be counted.
fn c_string(pointer: u64, lent: &mut Lent<'_>) -> Result<Seen, Fault> {
    let rest = lent.within(pointer, 1)?;
    let bytes = lent.bytes(&(rest.start..lent.size()));
    let length = bytes
        .iter()
        .position(|&byte| byte == 0)
        .ok_or(Fault::Trap)? as u128;
    let range = lent.copy(pointer, length + 1)?;
    lent.charge(length, length + 1)?;
    Ok(Seen::Bytes(place(&range), Access::Read))
}

/// Its length in bytes is in the four before it.
fn script(pointer: u64, lent: &mut Lent<'_>) -> Result<Seen, Fault> {
    let header = pointer.checked_sub(4).ok_or(Fault::Trap)?;
    let header = lent.copy(header, 4)?;
    let length = lent.bytes(&header).iter().rev();
    let length = length.fold(0, |length, &byte| length << 8 | u64::from(byte));
    Row::Slice(Plain::new(2, 2), Access::Read).of_slice(pointer, length / 2, lent)
}

impl Seen {
    /// What [`Touch::look`](touch::Touch::look) makes of it.
    pub(super) fn look(&self, memory: &[u8], digest: &mut Digest) {
        match self {
            Self::Number(number) => digest.number(*number),
            Self::Bytes(range, _) => digest.bytes(&memory[range.clone()]),
            Self::Null => digest.number(0),
            Self::Some(inner) => {
                digest.number(1);
                inner.look(memory, digest);
            }
            Self::List(all) => {
                digest.number(all.len() as u64);
                for each in all {
                    each.look(memory, digest);
                }
            }
            other => unreachable!("{other:?} is not looked at"),
        }
    }

    /// What [`Touch::mark`](touch::Touch::mark) does to the memory.
    pub(super) fn mark(&self, memory: &mut [u8], seed: u64) {
        match self {
            Self::Bytes(range, Access::Write) => touch::fill(&mut memory[range.clone()], seed),
            Self::Some(inner) => inner.mark(memory, seed),
            Self::List(all) => {
                for (index, each) in all.iter().enumerate() {
                    each.mark(memory, touch::element(seed, index));
                }
            }
            _ => {}
        }
    }

    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Number(number) => *number,
            other => unreachable!("{other:?} is no number"),
        }
    }

    pub(super) fn place(&self) -> (u64, u64) {
        match self {
            Self::Place(pointer, length) => (*pointer, *length),
            other => unreachable!("{other:?} is no place"),
        }
    }

    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Bytes(range, _) => range.clone(),
            other => unreachable!("{other:?} is not of bytes"),
        }
    }
}

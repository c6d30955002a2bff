//! The table of parameters in `host-runtime/docs/types.md`: the core values that a guest passes for
//! each type, and which of them trap.

use crate::{
    seen::Seen,
    value::{Kind, Object, Value},
    world::{Fault, World, ensure, from_bytes},
};

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// Any core value of a kind.
    Any(Kind),
    /// An integer in one of these ranges: small ones, `bool`, `char`, C-like enums.
    In(Kind, &'static [(i64, i64)]),
    /// Elements in the memory, such as `&str` or `&[T]`.
    Slice(Form, Slice),
    /// `&CStr`, or `CString` with `Access::Copy`.
    CStr(Access),
    /// `AssemblyScriptStr`.
    Script,
    /// `Option<…>` of a type that is passed by pointer. A null pointer is `None`.
    Option(&'static Row),
    /// `HostObject<Thing>`, or `Option` of it.
    Thing { null: bool },
    /// `HostObject<Other>`.
    Other,
    /// A return pointer. The Rust function has no such parameter.
    Return,
}

/// How a guest passes the address and the number of elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A pointer and a length.
    Pair,
    /// A pointer to a single element.
    One,
    /// `PointerLow<…>`.
    Low,
    /// `PointerHigh<…>`.
    High,
    /// `Indirect<…>`.
    Indirect,
    /// `SliceList<…>`.
    List,
}

/// The elements of a [`Row::Slice`].
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The size of an element in bytes.
    size: usize,
    align: usize,
    access: Access,
    /// Whether the bytes must be UTF-8.
    text: bool,
}

/// How a parameter accesses its bytes in the memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Access {
    /// Borrows them as `&`.
    Read,
    /// Borrows them as `&mut`.
    Write,
    Copy,
    /// Accesses them through `Guest` while the function runs.
    Later,
}

/// The row of a slice of `T`.
pub const fn slice<T>(access: Access) -> Row {
    elements(size_of::<T>(), align_of::<T>(), access, false)
}

/// The row of a string.
pub const fn text(access: Access) -> Row {
    elements(1, 1, access, true)
}

const fn elements(size: usize, align: usize, access: Access, text: bool) -> Row {
    let slice = Slice {
        size,
        align,
        access,
        text,
    };
    Row::Slice(Form::Pair, slice)
}

impl Row {
    /// The same elements, passed in another form.
    pub const fn passed(self, form: Form) -> Self {
        match self {
            Self::Slice(Form::Pair, slice) => Self::Slice(form, slice),
            _ => panic!("the row is not passed as a pointer and a length"),
        }
    }

    /// The kinds of the core values that a guest passes.
    pub fn kinds(&self) -> Vec<Kind> {
        match self {
            Self::Any(kind) | Self::In(kind, _) => vec![*kind],
            Self::Slice(Form::Pair | Form::List, _) => vec![Kind::Pointer, Kind::Length],
            Self::Slice(Form::Low, _) => vec![Kind::Low],
            Self::Slice(Form::High, _) => vec![Kind::High],
            Self::Slice(..) | Self::CStr(_) | Self::Return => vec![Kind::Pointer],
            Self::Script => vec![Kind::Pointer32],
            Self::Option(inner) => inner.kinds(),
            Self::Thing { .. } | Self::Other => vec![Kind::Extern],
        }
    }

    /// Whether the parameter needs a guest's memory.
    pub fn is_of_memory(&self) -> bool {
        match self {
            Self::Slice(_, slice) => slice.access != Access::Later,
            Self::CStr(_) | Self::Script => true,
            Self::Option(inner) => inner.is_of_memory(),
            _ => false,
        }
    }

    /// Predicts the parameter that the function receives, or the fault.
    pub fn accept(&self, values: &[Value], world: &mut World) -> Result<Seen, Fault> {
        let bits = |place: usize| match values[place] {
            Value::Bits(bits) => bits,
            other => unreachable!("{other:?} is not a number"),
        };
        Ok(match *self {
            Self::Any(_) | Self::Return => match values[0] {
                Value::Bits(bits) => Seen::Number(bits),
                other => Seen::Value(other),
            },
            Self::In(kind, ranges) => {
                let signed = match kind {
                    Kind::I32 => i64::from(halves(bits(0)).0.cast_signed()),
                    _ => bits(0).cast_signed(),
                };
                let is_in = |&(least, most): &(i64, i64)| (least..=most).contains(&signed);
                ensure(ranges.iter().any(is_in))?;
                Seen::Number(signed.cast_unsigned())
            }
            Self::Slice(form, slice) => {
                let (low, high) = halves(bits(0));
                let (pointer, length) = match form {
                    Form::List => return list(slice, bits(0), bits(1), world),
                    Form::Pair => (bits(0), bits(1)),
                    Form::One => (bits(0), 1),
                    Form::Low => (low.into(), high.into()),
                    Form::High => (high.into(), low.into()),
                    Form::Indirect => pair(bits(0).into(), world)?,
                };
                slice.accept(pointer, length, world)?
            }
            Self::CStr(access) => c_str(bits(0), access, world)?,
            Self::Script => script(bits(0), world)?,
            Self::Option(inner) => {
                let pointer = match inner {
                    Self::Slice(Form::Low, _) => halves(bits(0)).0.into(),
                    Self::Slice(Form::High, _) => halves(bits(0)).1.into(),
                    _ => bits(0),
                };
                if pointer == 0 {
                    return Ok(Seen::Null);
                }
                Seen::Some(Box::new(inner.accept(values, world)?))
            }
            Self::Thing { .. } | Self::Other => match (self, values[0]) {
                (Self::Thing { null: true }, Value::Object(Object::Null))
                | (Self::Thing { .. }, Value::Object(Object::Thing(_)))
                | (Self::Other, Value::Object(Object::Other)) => Seen::Value(values[0]),
                (_, Value::Object(Object::Unknown)) => return Err(Fault::Open),
                _ => return Err(Fault::Trap),
            },
        })
    }
}

impl Slice {
    fn accept(&self, pointer: u64, length: u64, world: &mut World) -> Result<Seen, Fault> {
        let bytes = u128::from(length) * self.size as u128;
        let range = match self.access {
            Access::Later => return Ok(Seen::Place(pointer, length)),
            Access::Copy => world.copy(pointer, bytes)?,
            access => world.borrow(pointer, bytes, access == Access::Write)?,
        };
        // An empty slice may have any address.
        ensure(range.is_empty() || range.start.is_multiple_of(self.align))?;
        ensure(!self.text || std::str::from_utf8(&world.memory[range.clone()]).is_ok())?;
        if self.access == Access::Copy {
            world.charge(bytes, bytes)?;
        }
        Ok(Seen::Bytes(range, self.access == Access::Write))
    }
}

/// Predicts a `SliceList`. The list and its slices count toward the copy budget. So does the
/// bookkeeping for borrows, of which only an upper bound is known.
fn list(slice: Slice, at: u64, count: u64, world: &mut World) -> Result<Seen, Fault> {
    let (count, size) = (u128::from(count), 2 * world.address() as u128);
    world.within(at, count * size)?;
    world.charge(count * size, count * size.max(128))?;
    let mut seen = Vec::new();
    for index in 0..count {
        let (pointer, length) = pair(u128::from(at) + index * size, world)?;
        let copied = slice.access == Access::Copy;
        let least = if copied { 0 } else { length };
        world.charge(least.into(), length.into())?;
        seen.push(slice.accept(pointer, length, world)?);
    }
    Ok(Seen::List(seen))
}

/// Predicts a C string, including its NUL. The copy budget may or may not include the NUL.
fn c_str(pointer: u64, access: Access, world: &mut World) -> Result<Seen, Fault> {
    let start = world.within(pointer, 1)?.start;
    let length = world.memory[start..].iter().position(|&byte| byte == 0);
    let length = length.ok_or(Fault::Trap)? as u128;
    let range = if access == Access::Copy {
        let range = world.copy(pointer, length + 1)?;
        world.charge(length, length + 1)?;
        range
    } else {
        world.borrow(pointer, length + 1, false)?
    };
    Ok(Seen::Bytes(range, false))
}

/// Predicts a UTF-16 string whose length in bytes is in the four bytes before it.
fn script(pointer: u64, world: &mut World) -> Result<Seen, Fault> {
    let header = pointer.checked_sub(4).ok_or(Fault::Trap)?;
    let length = from_bytes(&world.memory[world.copy(header, 4)?]);
    let units = slice::<u16>(Access::Read);
    units.accept(&[Value::Bits(pointer), Value::Bits(length / 2)], world)
}

/// Reads a pointer and a length from the memory.
fn pair(at: u128, world: &World) -> Result<(u64, u64), Fault> {
    let at = u64::try_from(at).map_err(|_| Fault::Trap)?;
    let range = world.copy(at, 2 * world.address() as u128)?;
    let (pointer, length) = world.memory[range].split_at(world.address());
    Ok((from_bytes(pointer), from_bytes(length)))
}

/// Returns the lower and the upper half.
fn halves(bits: u64) -> (u32, u32) {
    let half = |bits| u32::try_from(bits).expect("half of a `u64` fits");
    (half(bits % (1 << 32)), half(bits >> 32))
}

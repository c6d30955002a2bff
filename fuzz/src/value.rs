//! What a host function is passed and returns, as far as the oracle knows it.

use host_runtime::wasmtime::ValType;

/// The type of a core value and, of numbers, what a guest would pass there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
    Extern,
    Any,
    Eq,
    I31,
    Struct,
    Array,
    Exn,
    /// An address, as wide as those of the memory.
    Pointer,
    /// A number of elements, as wide as an address.
    Length,
    /// An `i64` of a pointer and a length, the pointer in its lower half.
    Low,
    /// The same, with the pointer in its upper half.
    High,
    /// An `i32` that is an address, however wide those of the memory are.
    Pointer32,
    /// No result: it is written to where a first or a last parameter points.
    First,
    Last,
}

impl Kind {
    /// Its type in Wasmtime. `wide` says whether addresses have 64 bits.
    pub fn ty(self, wide: bool) -> ValType {
        match self {
            Self::Pointer | Self::Length if wide => ValType::I64,
            Self::I32 | Self::Pointer | Self::Length | Self::Pointer32 => ValType::I32,
            Self::I64 | Self::Low | Self::High => ValType::I64,
            Self::First | Self::Last => unreachable!("it is no core value"),
            Self::F32 => ValType::F32,
            Self::F64 => ValType::F64,
            Self::V128 => ValType::V128,
            Self::Func => ValType::FUNCREF,
            Self::Extern => ValType::EXTERNREF,
            Self::Any => ValType::ANYREF,
            Self::Eq => ValType::EQREF,
            Self::I31 => ValType::I31REF,
            Self::Struct => ValType::STRUCTREF,
            Self::Array => ValType::ARRAYREF,
            Self::Exn => ValType::EXNREF,
        }
    }

    fn is_nan(self, bits: u64) -> bool {
        match self {
            Self::F32 => u32::try_from(bits).is_ok_and(|bits| f32::from_bits(bits).is_nan()),
            Self::F64 => f64::from_bits(bits).is_nan(),
            _ => false,
        }
    }
}

/// A core value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// The bits of a number; those of smaller ones in the lower half.
    Bits(u64),
    V128(u128),
    Func(Func),
    Object(Object),
    /// The number in what any other reference refers to, or null.
    Any(Option<u32>),
    /// A handle that has not been given before; the number that it stands for, if it is one.
    Handle(Option<u64>),
}

/// The number in a reference of which nothing is known.
pub const UNKNOWN: u32 = u32::MAX;

/// A `funcref`, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Func {
    Null,
    /// The function at that index of the trampoline's table.
    Callback(u32),
    Unknown,
}

/// What an `externref` refers to, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Object {
    Null,
    /// A `Thing` with that number.
    Thing(u64),
    /// An `Other`.
    Other,
    /// Nothing of the host's.
    Foreign,
    /// Anything but null.
    Unknown,
}

impl Value {
    /// Without the bits that a number of this type does not have.
    pub fn cut(self, kind: Kind, wide: bool) -> Self {
        match (self, kind.ty(wide)) {
            (Self::Bits(bits), ValType::I32 | ValType::F32) => Self::Bits(bits % (1 << 32)),
            _ => self,
        }
    }

    /// Whether a value that was found may be this one. A NaN may be any other NaN.
    pub fn may_be(self, found: Self, kind: Kind) -> bool {
        match (self, found) {
            (Self::Bits(a), Self::Bits(b)) => a == b || (kind.is_nan(a) && kind.is_nan(b)),
            (Self::Func(Func::Unknown), Self::Func(other))
            | (Self::Func(other), Self::Func(Func::Unknown)) => other != Func::Null,
            (Self::Object(Object::Unknown), Self::Object(other))
            | (Self::Object(other), Self::Object(Object::Unknown)) => other != Object::Null,
            (Self::Any(Some(UNKNOWN)), Self::Any(other))
            | (Self::Any(other), Self::Any(Some(UNKNOWN))) => other.is_some(),
            (a, b) => a == b,
        }
    }
}

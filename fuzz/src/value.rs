//! The oracle's model of the core values that host functions take and return.

use host_runtime::wasmtime::ValType;

/// The type of a core value and, for a number, its meaning.
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
    /// An address of the memory's width.
    Pointer,
    /// A number of elements, of the same width.
    Length,
    /// An `i64` with a pointer in its lower half and a length in its upper half.
    Low,
    /// An `i64` with a pointer in its upper half and a length in its lower half.
    High,
    /// An address that is an `i32` even in a 64-bit memory.
    Pointer32,
    /// A result that is written to a return pointer, the first or the last parameter.
    First,
    Last,
}

impl Kind {
    /// The type in Wasmtime. `wide` says whether addresses have 64 bits.
    pub fn ty(self, wide: bool) -> ValType {
        match self {
            Self::Pointer | Self::Length if wide => ValType::I64,
            Self::I32 | Self::Pointer | Self::Length | Self::Pointer32 => ValType::I32,
            Self::I64 | Self::Low | Self::High => ValType::I64,
            Self::First | Self::Last => unreachable!("a return pointer's result has no core type"),
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
    /// The bits of a number. A 32-bit number is in the lower half.
    Bits(u64),
    V128(u128),
    Func(Func),
    Object(Object),
    /// Any other reference: the number in the object, or `None` for null.
    Any(Option<u32>),
    /// A new handle, with its number if it is a `Handle<u64>`.
    Handle(Option<u64>),
}

/// Stands for a number that the oracle does not know.
pub const UNKNOWN: u32 = u32::MAX;

/// A `funcref`, as far as the oracle knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Func {
    Null,
    /// The function at this index of the trampoline's table.
    Callback(u32),
    Unknown,
}

/// What an `externref` refers to, as far as the oracle knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Object {
    Null,
    /// A `Thing` with this number.
    Thing(u64),
    /// An `Other`.
    Other,
    /// An object that the host did not create.
    Foreign,
    /// Any reference but null.
    Unknown,
}

impl Value {
    /// Truncates a number to the width of its type.
    pub fn cut(self, kind: Kind, wide: bool) -> Self {
        match (self, kind.ty(wide)) {
            (Self::Bits(bits), ValType::I32 | ValType::F32) => Self::Bits(bits % (1 << 32)),
            _ => self,
        }
    }

    /// Whether the value found can equal this one. Any NaN can equal any other.
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

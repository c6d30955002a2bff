//! The core types that Rust types stand for, and how their values are read and written.

use std::fmt;

use wasmtime::{HeapType, MemoryType, RefType, V128, ValRaw, ValType};

use crate::abi::Slots;

/// A value type of core WebAssembly, in the signature of a host function.
///
/// See the [number types](https://webassembly.github.io/spec/core/syntax/types.html#number-types)
/// of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CoreType {
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `v128`
    V128,
    /// `funcref`
    FuncRef,
    /// `externref`
    ExternRef,
    /// `anyref`
    AnyRef,
    /// `eqref`
    EqRef,
    /// `i31ref`
    I31Ref,
    /// `structref`
    StructRef,
    /// `arrayref`
    ArrayRef,
    /// `exnref`
    ExnRef,
    /// `(ref func)`
    Func,
    /// `(ref extern)`
    Extern,
    /// `(ref any)`
    Any,
    /// `(ref eq)`
    Eq,
    /// `(ref i31)`
    I31,
    /// `(ref struct)`
    Struct,
    /// `(ref array)`
    Array,
    /// `(ref exn)`
    Exn,
    /// An `externref` that is never null. It also fits an import of `(ref extern)`.
    Object,
    /// An address or a length in guest memory, of the memory's address type.
    Size,
}

impl CoreType {
    /// The type in the signature for a guest of this address type.
    pub(crate) fn val_type(self, address_type: AddressType) -> ValType {
        match (self, address_type) {
            (Self::I32, _) | (Self::Size, AddressType::I32) => ValType::I32,
            (Self::I64, _) | (Self::Size, AddressType::I64) => ValType::I64,
            (Self::F32, _) => ValType::F32,
            (Self::F64, _) => ValType::F64,
            (Self::V128, _) => ValType::V128,
            (Self::FuncRef, _) => ValType::FUNCREF,
            (Self::ExternRef | Self::Object, _) => ValType::EXTERNREF,
            (Self::AnyRef, _) => ValType::ANYREF,
            (Self::EqRef, _) => ValType::EQREF,
            (Self::I31Ref, _) => ValType::I31REF,
            (Self::StructRef, _) => ValType::STRUCTREF,
            (Self::ArrayRef, _) => ValType::ARRAYREF,
            (Self::ExnRef, _) => ValType::EXNREF,
            (Self::Func, _) => never_null(HeapType::Func),
            (Self::Extern, _) => never_null(HeapType::Extern),
            (Self::Any, _) => never_null(HeapType::Any),
            (Self::Eq, _) => never_null(HeapType::Eq),
            (Self::I31, _) => never_null(HeapType::I31),
            (Self::Struct, _) => never_null(HeapType::Struct),
            (Self::Array, _) => never_null(HeapType::Array),
            (Self::Exn, _) => never_null(HeapType::Exn),
        }
    }

    /// Whether this is the type in the signature for a guest of this address type.
    #[inline]
    fn is(self, ty: &ValType, address_type: AddressType) -> bool {
        match (self, ty) {
            (Self::I32, ValType::I32)
            | (Self::I64, ValType::I64)
            | (Self::F32, ValType::F32)
            | (Self::F64, ValType::F64)
            | (Self::V128, ValType::V128) => true,
            (Self::Size, ValType::I32) => address_type == AddressType::I32,
            (Self::Size, ValType::I64) => address_type == AddressType::I64,
            (own, ty) if own.is_reference() => ValType::eq(&own.val_type(address_type), ty),
            _ => false,
        }
    }

    /// The narrowest type of the values that the host gives.
    pub(crate) fn given_type(self, address_type: AddressType) -> ValType {
        match self {
            Self::Object => never_null(HeapType::Extern),
            other => other.val_type(address_type),
        }
    }

    /// Whether it is a reference type.
    pub(crate) const fn is_reference(self) -> bool {
        !matches!(
            self,
            Self::I32 | Self::I64 | Self::F32 | Self::F64 | Self::V128 | Self::Size
        )
    }
}

fn never_null(to: HeapType) -> ValType {
    RefType::new(false, to).into()
}

/// Prints the type in the text format: `i32`. A size prints as in 32-bit memories.
impl fmt::Display for CoreType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::message::val_type(&self.val_type(AddressType::I32)))
    }
}

/// The address type of a memory.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AddressType {
    /// 32 bits, an `i32`.
    #[default]
    I32,
    /// 64 bits, an `i64`.
    I64,
}

impl AddressType {
    pub(crate) fn of(memory: &MemoryType) -> Self {
        if memory.is_64() { Self::I64 } else { Self::I32 }
    }

    /// Reads a size that the guest passed.
    #[inline]
    pub(crate) fn size(self, raw: ValRaw) -> GuestSize {
        GuestSize(match self {
            Self::I32 => raw.get_u32().into(),
            Self::I64 => raw.get_u64(),
        })
    }

    /// Makes a size that the guest gets.
    #[inline]
    pub(crate) fn raw(self, size: GuestSize) -> wasmtime::Result<ValRaw> {
        Ok(match self {
            Self::I32 => ValRaw::u32(size.narrow()?),
            Self::I64 => ValRaw::u64(size.0),
        })
    }
}

/// Which parameter is the return pointer, if there is one.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnPointerAt {
    None,
    First,
    Last,
}

impl ReturnPointerAt {
    /// Combines the parts of a result.
    ///
    /// # Panics
    ///
    /// If both have one: at compile time, where constants are made.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, at) | (at, Self::None) => at,
            _ => panic!("a result of a host function has one return pointer"),
        }
    }
}

/// The most core values that one Rust parameter or result may take.
pub(crate) const LONGEST: usize = 16;

/// The core values that one Rust type takes, in order.
///
/// Constants can join such lists: [`CoreResults::TYPES`] of a tuple consists of the lists of its
/// parts.
#[derive(Clone, Copy)]
pub struct CoreTypes {
    list: [CoreType; LONGEST],
    /// At most [`LONGEST`]. It is a byte, because each record contains several such lists.
    len: u8,
    /// Whether one is a reference. This and the next field save constants a search of the list.
    pub(crate) references: bool,
    /// Whether one is a size.
    pub(crate) sizes: bool,
}

impl CoreTypes {
    /// No value, for `()` and host state.
    pub const NONE: Self = Self {
        list: [CoreType::I32; LONGEST],
        len: 0,
        references: false,
        sizes: false,
    };

    /// One value.
    #[must_use]
    pub const fn one(ty: CoreType) -> Self {
        Self {
            list: [ty; LONGEST],
            len: 1,
            references: ty.is_reference(),
            sizes: matches!(ty, CoreType::Size),
        }
    }

    /// These values, followed by those of `other`.
    ///
    /// # Panics
    ///
    /// When they are more than 16: at compile time, where constants are made.
    #[must_use]
    pub const fn join(mut self, other: Self) -> Self {
        assert!(
            self.as_slice().len() + other.as_slice().len() <= LONGEST,
            "a parameter or result of a host function takes at most 16 core values"
        );
        let mut i = 0;
        while i < other.as_slice().len() {
            self.list[self.len as usize] = other.list[i];
            self.len += 1;
            i += 1;
        }
        self.references |= other.references;
        self.sizes |= other.sizes;
        self
    }

    /// Whether these are the types of a guest.
    pub(crate) fn is(
        &self,
        types: impl ExactSizeIterator<Item = ValType>,
        address_type: AddressType,
    ) -> bool {
        let own = self.as_slice();
        own.len() == types.len()
            && own
                .iter()
                .zip(types)
                .all(|(own, ty)| own.is(&ty, address_type))
    }

    /// The types as a slice.
    #[inline]
    #[must_use]
    pub const fn as_slice(&self) -> &[CoreType] {
        self.list.split_at(self.len as usize).0
    }
}

impl fmt::Debug for CoreTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl PartialEq for CoreTypes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for CoreTypes {}

/// Prints the types separated by spaces, or `()` if there are none.
impl fmt::Display for CoreTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::message::list(f, self.as_slice(), " ", "()")
    }
}

/// An address or a length in guest memory, of the memory's address type.
///
/// In a signature it is an unsigned `i32` where the memory has 32-bit addresses, and an `i64` where
/// it has [64-bit ones](https://webassembly.github.io/spec/core/syntax/types.html#syntax-addrtype).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GuestSize(pub u64);

impl GuestSize {
    /// Converts the size for a guest with 32-bit addresses.
    pub(crate) fn narrow(self) -> wasmtime::Result<u32> {
        u32::try_from(self.0)
            .map_err(|_| wasmtime::format_err!("{} does not fit the guest's i32", self.0))
    }
}

impl From<u32> for GuestSize {
    fn from(size: u32) -> Self {
        Self(size.into())
    }
}

impl From<u64> for GuestSize {
    fn from(size: u64) -> Self {
        Self(size)
    }
}

impl From<usize> for GuestSize {
    fn from(size: usize) -> Self {
        Self(size as u64)
    }
}

/// Keeps the bits: guests pass addresses as `i32`, and those of the upper half are negative.
impl From<i32> for GuestSize {
    fn from(size: i32) -> Self {
        size.cast_unsigned().into()
    }
}

/// The types for the [`Wasm`](crate::IntoGuest::Wasm) of a result, each of which stands for core
/// values.
///
/// They are those of [`CoreValues`]; references without `Option`, which are never null; and the
/// types to which [`Allocated`](crate::Allocated) and similar types are lowered.
/// This trait is sealed: types of your own implement [`IntoGuest`](crate::IntoGuest).
pub trait CoreResults: Sized + sealed::Sealed {
    /// The core types, in order.
    const TYPES: CoreTypes;

    /// Whether it is written to guest memory after the function returns.
    #[doc(hidden)]
    const DEFERRED: bool = false;

    #[doc(hidden)]
    const RETURN_POINTER: ReturnPointerAt = ReturnPointerAt::None;

    #[doc(hidden)]
    fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()>;
}

/// The types for the [`Wasm`](crate::FromGuest::Wasm) of a parameter, each of which stands for core
/// values.
///
/// They are `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, Wasmtime's `V128`, [`GuestSize`], nullable
/// references (to Wasmtime's `Func`, `ExternRef`, `AnyRef`, `EqRef`, `I31`, `StructRef`, `ArrayRef`
/// and `ExnRef`), `()`, and tuples of them.
/// This trait is sealed: types of your own implement [`FromGuest`](crate::FromGuest).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of WebAssembly",
    label = "no function of a guest takes or returns this",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `V128`, `GuestSize`, a reference such \
        as `Option<Func>`, or a tuple of those",
    note = "text and bytes are passed by a pointer and a length: `Guest::allocate` makes room for \
        them, and `Guest::write` writes them"
)]
pub trait CoreValues: CoreResults {
    #[doc(hidden)]
    fn read(slots: &mut Slots<'_>) -> Self;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

macro_rules! core_value {
    ($($ty:ty: $core:ident, |$raw:ident| $read:expr, |$value:ident| $write:expr;)*) => {$(
        impl sealed::Sealed for $ty {}

        impl CoreResults for $ty {
            const TYPES: CoreTypes = CoreTypes::one(CoreType::$core);

            #[inline]
            fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
                let $value = self;
                slots.put($write);
                Ok(())
            }
        }

        impl CoreValues for $ty {
            #[inline]
            fn read(slots: &mut Slots<'_>) -> Self {
                let $raw = slots.take();
                $read
            }
        }
    )*};
}

core_value! {
    i32: I32, |raw| raw.get_i32(), |value| ValRaw::i32(value);
    u32: I32, |raw| raw.get_u32(), |value| ValRaw::u32(value);
    i64: I64, |raw| raw.get_i64(), |value| ValRaw::i64(value);
    u64: I64, |raw| raw.get_u64(), |value| ValRaw::u64(value);
    f32: F32, |raw| f32::from_bits(raw.get_f32()), |value| ValRaw::f32(value.to_bits());
    f64: F64, |raw| f64::from_bits(raw.get_f64()), |value| ValRaw::f64(value.to_bits());
    V128: V128, |raw| raw.get_v128().into(), |value| ValRaw::v128(value.as_u128());
}

impl sealed::Sealed for GuestSize {}

impl CoreResults for GuestSize {
    const TYPES: CoreTypes = CoreTypes::one(CoreType::Size);

    #[inline]
    fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
        let raw = slots.address_type().raw(self)?;
        slots.put(raw);
        Ok(())
    }
}

impl CoreValues for GuestSize {
    #[inline]
    fn read(slots: &mut Slots<'_>) -> Self {
        let raw = slots.take();
        slots.address_type().size(raw)
    }
}

macro_rules! core_tuple {
    ($($name:ident)*) => {
        impl<$($name: CoreResults),*> sealed::Sealed for ($($name,)*) {}

        impl<$($name: CoreResults),*> CoreResults for ($($name,)*) {
            const TYPES: CoreTypes = CoreTypes::NONE$(.join($name::TYPES))*;
            const DEFERRED: bool = false $(|| $name::DEFERRED)*;
            const RETURN_POINTER: ReturnPointerAt =
                ReturnPointerAt::None$(.or($name::RETURN_POINTER))*;

            #[inline]
            #[allow(unused_variables, non_snake_case)]
            fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
                let ($($name,)*) = self;
                $($name.write(slots)?;)*
                Ok(())
            }
        }

        impl<$($name: CoreValues),*> CoreValues for ($($name,)*) {
            #[inline]
            #[allow(unused_variables, clippy::unused_unit)]
            fn read(slots: &mut Slots<'_>) -> Self {
                ($($name::read(slots),)*)
            }
        }
    };
}

for_each_tuple!(core_tuple);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_join_their_parts() {
        type Nested = ((i32, f64), (), (GuestSize, (u64,)));
        assert_eq!(Nested::TYPES.to_string(), "i32 f64 i32 i64");
        assert_eq!(<()>::TYPES.to_string(), "()");
    }
}

//! The core types that Rust types stand for.

use std::fmt;

use wasmtime::{HeapType, RefType, ValType};

use crate::abi::AddressType;

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
    pub(crate) fn is(self, ty: &ValType, address_type: AddressType) -> bool {
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

/// The most core values that one Rust parameter or result may take.
pub(crate) const LONGEST: usize = 16;

/// The core values that one Rust type takes, in order.
///
/// Constants can join such lists: [`CoreResults::TYPES`](super::CoreResults::TYPES) of a tuple
/// consists of the lists of its parts.
#[derive(Clone, Copy)]
pub struct CoreTypes {
    /// The types, and `CoreType::I32` after them.
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
        let mut list = Self::NONE.list;
        list[0] = ty;
        Self {
            list,
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

    /// Whether the host can give these values where a guest takes `types`.
    pub(crate) fn are_given_as(
        &self,
        types: impl ExactSizeIterator<Item = ValType>,
        address_type: AddressType,
    ) -> bool {
        let own = self.as_slice();
        let given = |(own, ty): (&CoreType, _)| own.given_type(address_type).matches(&ty);
        own.len() == types.len() && own.iter().zip(types).all(given)
    }

    /// Whether the host can take these values where a guest gives `types`.
    pub(crate) fn are_taken_from(
        &self,
        types: impl ExactSizeIterator<Item = ValType>,
        address_type: AddressType,
    ) -> bool {
        let own = self.as_slice();
        let taken = |(own, ty): (&CoreType, ValType)| ty.matches(&own.val_type(address_type));
        own.len() == types.len() && own.iter().zip(types).all(taken)
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
    /// Compares all bytes at once, because calls do so.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let code = |types: &Self| u128::from_le_bytes(types.list.map(|ty| ty as u8));
        self.len == other.len && code(self) == code(other)
    }
}

impl Eq for CoreTypes {}

/// Prints the types separated by spaces, or `()` if there are none.
impl fmt::Display for CoreTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::message::list(f, self.as_slice(), " ", "()")
    }
}

//! The types that a global can have.

use wasmtime::{AsContextMut, Val, ValType};

use crate::{
    abi::{AddressType, CoreType, GuestSize, Reference, sealed},
    convert::reference::Referenced,
};

/// The types that an annotated `const` or `static` can have. Each stands for one core value.
///
/// These are `i32`, `u32`, `i64`, `u64`, `f32` and `f64`; `u128`, which is a `v128` (Wasmtime's own
/// type for that cannot be made in a constant); [`GuestSize`]; and nullable references to
/// Wasmtime's `Func`, `ExternRef`, `AnyRef`, `EqRef`, `I31`, `StructRef`, `ArrayRef` and `ExnRef`,
/// which begin as null.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a global that guests import",
    label = "a global cannot hold this",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `u128` (a `v128`), `GuestSize`, or a \
        reference such as `Option<Func>`"
)]
pub trait GlobalValue: Copy + sealed::Sealed + 'static {
    #[doc(hidden)]
    const TYPE: CoreType;

    #[doc(hidden)]
    fn to_global_val(&self, address_type: AddressType) -> wasmtime::Result<GlobalVal>;

    /// Converts the value of a global.
    #[doc(hidden)]
    fn from_global_val(held: GlobalVal) -> Option<Self>;
}

/// The value of a global, without the store.
#[doc(hidden)]
#[derive(Clone)]
pub enum GlobalVal {
    Number(Val),
    Reference(Reference),
}

impl GlobalVal {
    pub(crate) fn of(
        store: &mut impl AsContextMut,
        value: Val,
        ty: &ValType,
    ) -> wasmtime::Result<Self> {
        let reference = Reference::of(store, value, ty)?;
        Ok(reference.map_or(Self::Number(value), Self::Reference))
    }

    pub(crate) fn make(self, store: &mut impl AsContextMut) -> wasmtime::Result<Val> {
        match self {
            Self::Number(value) => Ok(value),
            Self::Reference(reference) => reference.make(store),
        }
    }
}

macro_rules! number {
    ($($ty:ty: $core:ident, |$value:ident| $val:expr, |$held:ident| $from:expr;)*) => {$(
        impl GlobalValue for $ty {
            const TYPE: CoreType = CoreType::$core;

            fn to_global_val(&self, _: AddressType) -> wasmtime::Result<GlobalVal> {
                let $value = *self;
                Ok(GlobalVal::Number(Val::$core($val)))
            }

            fn from_global_val(held: GlobalVal) -> Option<Self> {
                match held {
                    GlobalVal::Number(Val::$core($held)) => Some($from),
                    _ => None,
                }
            }
        }
    )*};
}

number! {
    i32: I32, |value| value, |held| held;
    u32: I32, |value| value.cast_signed(), |held| held.cast_unsigned();
    i64: I64, |value| value, |held| held;
    u64: I64, |value| value.cast_signed(), |held| held.cast_unsigned();
    f32: F32, |value| value.to_bits(), |held| Self::from_bits(held);
    f64: F64, |value| value.to_bits(), |held| Self::from_bits(held);
    u128: V128, |value| value.into(), |held| held.as_u128();
}

#[diagnostic::do_not_recommend]
impl<T: Referenced> GlobalValue for Option<T> {
    const TYPE: CoreType = T::NULLABLE;

    fn to_global_val(&self, _: AddressType) -> wasmtime::Result<GlobalVal> {
        Ok(GlobalVal::Reference(T::into_reference(*self)))
    }

    fn from_global_val(held: GlobalVal) -> Option<Self> {
        match held {
            GlobalVal::Reference(reference) => Some(T::from_reference(reference)),
            GlobalVal::Number(_) => None,
        }
    }
}

impl sealed::Sealed for u128 {}

impl GlobalValue for GuestSize {
    const TYPE: CoreType = CoreType::Size;

    fn to_global_val(&self, address_type: AddressType) -> wasmtime::Result<GlobalVal> {
        Ok(GlobalVal::Number(match address_type {
            AddressType::I32 => Val::I32(self.narrow()?.cast_signed()),
            AddressType::I64 => Val::I64(self.0.cast_signed()),
        }))
    }

    fn from_global_val(held: GlobalVal) -> Option<Self> {
        match held {
            GlobalVal::Number(Val::I32(size)) => Some(size.into()),
            GlobalVal::Number(Val::I64(size)) => Some(Self(size.cast_unsigned())),
            _ => None,
        }
    }
}

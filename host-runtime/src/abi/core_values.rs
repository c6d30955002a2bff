//! The types that stand for core values in slots, and how they are read and written.

use wasmtime::{V128, ValRaw};

use crate::abi::{CoreType, CoreTypes, GuestSize, Slots};

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
    message = "`{Self}` is not a WebAssembly value",
    label = "guest functions cannot take or return this",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `V128`, `GuestSize`, a reference such \
        as `Option<Func>`, or a tuple of those",
    note = "text and bytes are passed as a pointer and a length: allocate memory with \
        `Guest::allocate`, and write them with `Guest::write`"
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

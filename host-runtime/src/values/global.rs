//! The types that a global can have.

use wasmtime::{AnyRef, ExternRef, Func, Rooted, Val};

use crate::values::{CoreType, GuestSize, Width, core::sealed};

/// A type that an annotated `const` or `static` can have: one that stands for one core value.
///
/// These are `i32`, `u32`, `i64`, `u64`, `f32` and `f64`; `u128`, which is a `v128` (Wasmtime's own type for
/// that cannot be made in a constant); [`GuestSize`]; and nullable references to Wasmtime's `Func`,
/// `ExternRef` and `AnyRef`, which begin as null.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a global that guests import",
    label = "no global holds this",
    note = "write `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `u128` (a `v128`), `GuestSize`, or a reference such as `Option<Func>`"
)]
pub trait GlobalValue: Copy + sealed::Sealed + 'static {
    #[doc(hidden)]
    const TYPE: CoreType;

    #[doc(hidden)]
    fn to_val(&self, width: Width) -> wasmtime::Result<Val>;

    /// What a global of this type holds.
    #[doc(hidden)]
    fn from_val(val: Val) -> Option<Self>;
}

macro_rules! global_value {
    ($($ty:ty: $core:ident, $kind:ident, |$value:ident| $val:expr, |$held:ident| $from:expr;)*) => {$(
        impl GlobalValue for $ty {
            const TYPE: CoreType = CoreType::$core;

            fn to_val(&self, _: Width) -> wasmtime::Result<Val> {
                let $value = *self;
                Ok(Val::$kind($val))
            }

            fn from_val(val: Val) -> Option<Self> {
                match val {
                    Val::$kind($held) => Some($from),
                    _ => None,
                }
            }
        }
    )*};
}

global_value! {
    i32: I32, I32, |value| value, |held| held;
    u32: I32, I32, |value| value.cast_signed(), |held| held.cast_unsigned();
    i64: I64, I64, |value| value, |held| held;
    u64: I64, I64, |value| value.cast_signed(), |held| held.cast_unsigned();
    f32: F32, F32, |value| value.to_bits(), |held| Self::from_bits(held);
    f64: F64, F64, |value| value.to_bits(), |held| Self::from_bits(held);
    u128: V128, V128, |value| value.into(), |held| held.as_u128();
    Option<Func>: FuncRef, FuncRef, |value| value, |held| held;
    Option<Rooted<ExternRef>>: ExternRef, ExternRef, |value| value, |held| held;
    Option<Rooted<AnyRef>>: AnyRef, AnyRef, |value| value, |held| held;
}

impl sealed::Sealed for u128 {}

impl GlobalValue for GuestSize {
    const TYPE: CoreType = CoreType::Size;

    fn to_val(&self, width: Width) -> wasmtime::Result<Val> {
        Ok(match width {
            Width::Narrow => Val::I32(self.narrow()?.cast_signed()),
            Width::Wide => Val::I64(self.0.cast_signed()),
        })
    }

    fn from_val(val: Val) -> Option<Self> {
        match val {
            Val::I32(size) => Some(size.into()),
            Val::I64(size) => Some(Self(size.cast_unsigned())),
            _ => None,
        }
    }
}

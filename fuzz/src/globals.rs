//! The globals that guests import, a `const` and a `static` of each type that one can have.
//!
//! `oracle/globals.rs` has the same, as `host-runtime/docs/attribute.md` has them.

use host_runtime::{
    Guest, GuestSize, Instance, wasm_import,
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::oracle::{self, Object, Value};

/// Such a pair, and a host function that changes the `static`: it takes what that then holds, and returns
/// what it has held.
macro_rules! globals {
    ($($swap:ident($crossing:ty): $constant:ident, $variable:ident: $ty:ty = $value:expr, |$held:ident| $seen:expr;)*) => {
        $(
            #[wasm_import(module = "globals")]
            const $constant: $ty = $value;
            #[wasm_import(module = "globals")]
            static $variable: $ty = $value;

            #[wasm_import(module = "host")]
            fn $swap(mut guest: Guest<'_>, a: $crossing) -> anyhow::Result<$crossing> {
                let before = guest.global::<$variable>();
                guest.set_global::<$variable>(a.into())?;
                Ok(before.expect("it could be set").into())
            }
        )*

        /// What the embedder sees of each: of a reference, whether it is null.
        pub fn held(instance: &mut Instance) -> Vec<(String, Option<Value>)> {
            vec![$(
                (stringify!($constant).to_owned(), instance.global::<$constant>().map(|$held| $seen)),
                (stringify!($variable).to_owned(), instance.global::<$variable>().map(|$held| $seen)),
            )*]
        }
    };
}

globals! {
    swap_i32(i32): CONST_I32, VAR_I32: i32 = -7, |x| Value::Bits(x.cast_unsigned().into());
    swap_u32(u32): CONST_U32, VAR_U32: u32 = u32::MAX, |x| Value::Bits(x.into());
    swap_i64(i64): CONST_I64, VAR_I64: i64 = i64::MIN, |x| Value::Bits(x.cast_unsigned());
    swap_u64(u64): CONST_U64, VAR_U64: u64 = u64::MAX - 1, |x| Value::Bits(x);
    swap_f32(f32): CONST_F32, VAR_F32: f32 = 1.5, |x| Value::Bits(x.to_bits().into());
    swap_f64(f64): CONST_F64, VAR_F64: f64 = -0.25, |x| Value::Bits(x.to_bits());
    swap_v128(V128): CONST_V128, VAR_V128: u128 = 5 << 64 | 6, |x| Value::V128(x);
    swap_size(GuestSize): CONST_SIZE, VAR_SIZE: GuestSize = GuestSize(4096), |x| Value::Bits(x.0);
    swap_func(Option<Func>): CONST_FUNC, VAR_FUNC: Option<Func> = None, |x| Value::Func(match x {
        Some(_) => oracle::Func::Unknown,
        None => oracle::Func::Null,
    });
    swap_extern(Option<Rooted<ExternRef>>): CONST_EXTERN, VAR_EXTERN: Option<Rooted<ExternRef>> = None,
        |x| Value::Object(match x {
            Some(_) => Object::Unknown,
            None => Object::Null,
        });
    swap_any(Option<Rooted<AnyRef>>): CONST_ANY, VAR_ANY: Option<Rooted<AnyRef>> = None,
        |x| Value::Any(x.map(|_| u32::MAX));
    swap_eq(Option<Rooted<EqRef>>): CONST_EQ, VAR_EQ: Option<Rooted<EqRef>> = None,
        |x| Value::Any(x.map(|_| u32::MAX));
    swap_i31(Option<I31>): CONST_I31, VAR_I31: Option<I31> = None,
        |x| Value::Any(x.map(|_| u32::MAX));
    swap_struct(Option<Rooted<StructRef>>): CONST_STRUCT, VAR_STRUCT: Option<Rooted<StructRef>> = None,
        |x| Value::Any(x.map(|_| u32::MAX));
    swap_array(Option<Rooted<ArrayRef>>): CONST_ARRAY, VAR_ARRAY: Option<Rooted<ArrayRef>> = None,
        |x| Value::Any(x.map(|_| u32::MAX));
    swap_exn(Option<Rooted<ExnRef>>): CONST_EXN, VAR_EXN: Option<Rooted<ExnRef>> = None,
        |x| Value::Any(x.map(|_| u32::MAX));
}

/// What a host function sees of those that never change: the numbers, and whether all references are null.
#[expect(clippy::type_complexity, reason = "it is what a guest gets")]
#[wasm_import(module = "host")]
fn constants(
    mut guest: Guest<'_>,
) -> anyhow::Result<(i32, u32, i64, u64, f32, f64, V128, GuestSize, bool)> {
    let all_null = [
        guest.global::<CONST_FUNC>().map(|x| x.is_none()),
        guest.global::<CONST_EXTERN>().map(|x| x.is_none()),
        guest.global::<CONST_ANY>().map(|x| x.is_none()),
        guest.global::<CONST_EQ>().map(|x| x.is_none()),
        guest.global::<CONST_I31>().map(|x| x.is_none()),
        guest.global::<CONST_STRUCT>().map(|x| x.is_none()),
        guest.global::<CONST_ARRAY>().map(|x| x.is_none()),
        guest.global::<CONST_EXN>().map(|x| x.is_none()),
    ];
    let mut seen = || {
        Some((
            guest.global::<CONST_I32>()?,
            guest.global::<CONST_U32>()?,
            guest.global::<CONST_I64>()?,
            guest.global::<CONST_U64>()?,
            guest.global::<CONST_F32>()?,
            guest.global::<CONST_F64>()?,
            guest.global::<CONST_V128>()?.into(),
            guest.global::<CONST_SIZE>()?,
            all_null == [Some(true); 8],
        ))
    };
    seen().ok_or_else(|| anyhow::anyhow!("the guest imports no globals"))
}

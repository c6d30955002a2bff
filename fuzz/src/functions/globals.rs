//! The globals that guests import: a `const` and a `static` of each possible type. For each type, a
//! host function reads both and sets the `static`.

use std::sync::LazyLock;

use host_runtime::{
    Guest, GuestSize, Instance, wasm_import,
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::{
    functions::prelude::*,
    value::{self, UNKNOWN, Value::Any},
};

/// A global that guests can import.
pub struct Global {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether it is a `static`.
    pub mutable: bool,
    pub initial: Value,
}

macro_rules! globals {
    ($(
        $swap:ident($crossing:ty): $constant:ident, $variable:ident: $ty:ty = $value:expr
        => $kind:ident, $initial:expr, |$held:ident| $seen:expr;
    )*) => {
        $(
            #[wasm_import(module = "globals")]
            const $constant: $ty = $value;
            #[wasm_import(module = "globals")]
            static $variable: $ty = $value;

            #[wasm_import(module = "host")]
            fn $swap(mut guest: Guest<'_>, a: $crossing) -> anyhow::Result<($crossing, $crossing)> {
                let constant = guest.global::<$constant>();
                let before = guest.global::<$variable>();
                guest.set_global::<$variable>(a.into())?;
                let (constant, before) = constant.zip(before).expect("both are imported");
                Ok((constant.into(), before.into()))
            }
        )*

        /// The oracle's entries for these functions.
        pub fn entries() -> Vec<Entry> {
            vec![$({
                let row = <$crossing as Parameter>::ROW;
                let kinds = [Kind::$kind; 2];
                entry(stringify!($swap), vec![row], &kinds, |world, seen| {
                    let to = seen[0].value().cut(Kind::$kind, world.wide);
                    Ok(vec![$initial, world.swap_global(stringify!($variable), to)?])
                })
            }),*]
        }

        pub static GLOBALS: LazyLock<Vec<Global>> = LazyLock::new(|| {
            let both = [$(
                (stringify!($constant), Kind::$kind, false, $initial),
                (stringify!($variable), Kind::$kind, true, $initial),
            )*];
            let global = |(name, kind, mutable, initial)| Global { name, kind, mutable, initial };
            both.into_iter().map(global).collect()
        });

        /// The values the embedder reads; `None` for globals that the guest does not import.
        pub fn held(instance: &mut Instance) -> Vec<Option<Value>> {
            vec![$(
                instance.global::<$constant>().map(|$held| $seen),
                instance.global::<$variable>().map(|$held| $seen),
            )*]
        }
    };
}

globals! {
    swap_i32(i32): CONST_I32, VAR_I32: i32 = -7
        => I32, Bits(0xFFFF_FFF9), |x| Bits(x.cast_unsigned().into());
    swap_u32(u32): CONST_U32, VAR_U32: u32 = u32::MAX => I32, Bits(0xFFFF_FFFF), |x| Bits(x.into());
    swap_i64(i64): CONST_I64, VAR_I64: i64 = i64::MIN
        => I64, Bits(1 << 63), |x| Bits(x.cast_unsigned());
    swap_u64(u64): CONST_U64, VAR_U64: u64 = u64::MAX - 1 => I64, Bits(!1), |x| Bits(x);
    swap_f32(f32): CONST_F32, VAR_F32: f32 = 1.5
        => F32, Bits(0x3FC0_0000), |x| Bits(x.to_bits().into());
    swap_f64(f64): CONST_F64, VAR_F64: f64 = -0.25
        => F64, Bits(0xBFD0_0000_0000_0000), |x| Bits(x.to_bits());
    swap_v128(V128): CONST_V128, VAR_V128: u128 = 5 << 64 | 6
        => V128, Value::V128(5 << 64 | 6), |x| Value::V128(x);
    swap_size(GuestSize): CONST_SIZE, VAR_SIZE: GuestSize = GuestSize(4096)
        => Pointer, Bits(4096), |x| Bits(x.0);
    swap_func(Option<Func>): CONST_FUNC, VAR_FUNC: Option<Func> = None
        => Func, Value::Func(value::Func::Null),
        |x| Value::Func(x.map_or(value::Func::Null, |_| value::Func::Unknown));
    swap_extern(Option<Rooted<ExternRef>>):
        CONST_EXTERN, VAR_EXTERN: Option<Rooted<ExternRef>> = None
        => Extern, Value::Object(Object::Null),
        |x| Value::Object(x.map_or(Object::Null, |_| Object::Unknown));
    swap_any(Option<Rooted<AnyRef>>): CONST_ANY, VAR_ANY: Option<Rooted<AnyRef>> = None
        => Any, Any(None), |x| Any(x.map(|_| UNKNOWN));
    swap_eq(Option<Rooted<EqRef>>): CONST_EQ, VAR_EQ: Option<Rooted<EqRef>> = None
        => Eq, Any(None), |x| Any(x.map(|_| UNKNOWN));
    swap_i31(Option<I31>): CONST_I31, VAR_I31: Option<I31> = None
        => I31, Any(None), |x| Any(x.map(|_| UNKNOWN));
    swap_struct(Option<Rooted<StructRef>>):
        CONST_STRUCT, VAR_STRUCT: Option<Rooted<StructRef>> = None
        => Struct, Any(None), |x| Any(x.map(|_| UNKNOWN));
    swap_array(Option<Rooted<ArrayRef>>): CONST_ARRAY, VAR_ARRAY: Option<Rooted<ArrayRef>> = None
        => Array, Any(None), |x| Any(x.map(|_| UNKNOWN));
    swap_exn(Option<Rooted<ExnRef>>): CONST_EXN, VAR_EXN: Option<Rooted<ExnRef>> = None
        => Exn, Any(None), |x| Any(x.map(|_| UNKNOWN));
}

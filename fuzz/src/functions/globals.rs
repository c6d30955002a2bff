//! The globals that guests import, a `const` and a `static` of each type that one can have, and for
//! each type a host function that reads both and sets the `static`.

use std::sync::LazyLock;

use host_runtime::{
    Guest, GuestSize, Instance, wasm_import,
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::{
    functions::table::entry,
    judge::{Entry, Results},
    parameter::Parameter,
    row::Row,
    seen::Seen,
    value::{
        self, Kind, Object, UNKNOWN,
        Value::{self, Any, Bits},
    },
    world::World,
};

/// A global.
pub struct Global {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether it is a `static`.
    pub mutable: bool,
    /// What it begins with.
    pub initial: Value,
    /// The guest's own function that reads it and, if it is a `static`, sets it.
    pub function: Entry,
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
                let both = constant.zip(before).expect("one could be set");
                Ok((both.0.into(), both.1.into()))
            }
        )*

        /// What the oracle knows of the host functions.
        pub fn entries() -> Vec<Entry> {
            vec![$(entry::<($crossing, $crossing)>(
                stringify!($swap),
                vec![<$crossing as Parameter>::ROW],
                |world, seen| {
                    let before = set(world, stringify!($variable), Kind::$kind, &seen[0])?;
                    Ok([vec![$initial], before].concat())
                },
            )),*]
        }

        pub static GLOBALS: LazyLock<Vec<Global>> = LazyLock::new(|| {
            vec![$(
                Global {
                    name: stringify!($constant),
                    kind: Kind::$kind,
                    mutable: false,
                    initial: $initial,
                    function: Entry {
                        name: stringify!($constant),
                        parameters: vec![],
                        results: vec![Kind::$kind],
                        effect: |_, _| Ok(vec![$initial]),
                    },
                },
                Global {
                    name: stringify!($variable),
                    kind: Kind::$kind,
                    mutable: true,
                    initial: $initial,
                    function: Entry {
                        name: stringify!($variable),
                        parameters: vec![Row::Any(Kind::$kind)],
                        results: vec![Kind::$kind],
                        effect: |world, seen| {
                            set(world, stringify!($variable), Kind::$kind, &seen[0])
                        },
                    },
                },
            )*]
        });

        /// What the embedder finds in each; `None` in those that the guest does not import.
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
    swap_u32(u32): CONST_U32, VAR_U32: u32 = u32::MAX
        => I32, Bits(0xFFFF_FFFF), |x| Bits(x.into());
    swap_i64(i64): CONST_I64, VAR_I64: i64 = i64::MIN
        => I64, Bits(1 << 63), |x| Bits(x.cast_unsigned());
    swap_u64(u64): CONST_U64, VAR_U64: u64 = u64::MAX - 1
        => I64, Bits(0xFFFF_FFFF_FFFF_FFFE), |x| Bits(x);
    swap_f32(f32): CONST_F32, VAR_F32: f32 = 1.5
        => F32, Bits(0x3FC0_0000), |x| Bits(x.to_bits().into());
    swap_f64(f64): CONST_F64, VAR_F64: f64 = -0.25
        => F64, Bits(0xBFD0_0000_0000_0000), |x| Bits(x.to_bits());
    swap_v128(V128): CONST_V128, VAR_V128: u128 = 5 << 64 | 6
        => V128, Value::V128(5 << 64 | 6), |x| Value::V128(x);
    swap_size(GuestSize): CONST_SIZE, VAR_SIZE: GuestSize = GuestSize(4096)
        => Pointer, Bits(4096), |x| Bits(x.0);
    swap_func(Option<Func>): CONST_FUNC, VAR_FUNC: Option<Func> = None
        => Func, Value::Func(value::Func::Null), |x| Value::Func(match x {
            Some(_) => value::Func::Unknown,
            None => value::Func::Null,
        });
    swap_extern(Option<Rooted<ExternRef>>):
        CONST_EXTERN, VAR_EXTERN: Option<Rooted<ExternRef>> = None
        => Extern, Value::Object(Object::Null), |x| Value::Object(match x {
            Some(_) => Object::Unknown,
            None => Object::Null,
        });
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

/// Has a `static` hold what a function got, and returns what it held before.
fn set(world: &mut World, name: &'static str, kind: Kind, to: &Seen) -> Results {
    let to = match to.value() {
        Bits(bits) => Bits(kind.cut(bits, world.wide)),
        other => other,
    };
    Ok(vec![world.swap_global(name, to)?])
}

//! Functions that return their parameter.

use host_runtime::{
    FromGuest, GuestSize, Handle, HostObject, IntoGuest, wasm_import,
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::functions::{kept::Thing, prelude::*};

/// Defines types that derive the traits, each with its row.
macro_rules! derived {
    ($({ $($item:tt)* } $name:ident => $row:expr;)*) => {$(
        #[derive(Clone, Copy, FromGuest, IntoGuest)]
        $($item)*

        impl Parameter for $name {
            const ROW: Row = $row;
        }
    )*};
}

derived! {
    { #[repr(u8)] enum Level { Low = 1, Middle = 4, High = 255 } }
    Level => Row::In(Kind::I32, &[(1, 1), (4, 4), (255, 255)]);
    { #[repr(i16)] enum Shift { Back = -300, None = 0, Forth = 300 } }
    Shift => Row::In(Kind::I32, &[(-300, -300), (0, 0), (300, 300)]);
    { enum Choice { Negative = -1, Zero, One } }
    Choice => Row::In(Kind::I32, &[(-1, 1)]);
    { #[repr(u64)] enum Large { Small = 1, Half = 1 << 63 } }
    Large => Row::In(Kind::I64, &[(1, 1), (i64::MIN, i64::MIN)]);
    { struct Celsius(f64); }
    Celsius => Row::Any(Kind::F64);
    { struct Chosen { choice: Choice } }
    Chosen => Choice::ROW;
}

macro_rules! echoes {
    ($($name:ident: $ty:ty),*) => {
        $(
            #[wasm_import(module = "host")]
            fn $name(a: $ty) -> $ty {
                a
            }
        )*

        /// The oracle's entries for these functions.
        pub fn entries() -> Vec<Entry> {
            vec![$({
                let row = <$ty as Parameter>::ROW;
                entry(stringify!($name), vec![row], &row.kinds(), echo)
            }),*]
        }
    };
}

echoes! {
    echo_i32: i32, echo_u32: u32, echo_i64: i64, echo_u64: u64, echo_f32: f32, echo_f64: f64,
    echo_i8: i8, echo_u8: u8, echo_i16: i16, echo_u16: u16, echo_bool: bool, echo_char: char,
    echo_level: Level, echo_shift: Shift, echo_choice: Choice, echo_large: Large,
    echo_celsius: Celsius, echo_chosen: Chosen, echo_v128: V128, echo_size: GuestSize,
    echo_func: Option<Func>, echo_extern: Option<Rooted<ExternRef>>,
    echo_any: Option<Rooted<AnyRef>>, echo_eq: Option<Rooted<EqRef>>, echo_i31: Option<I31>,
    echo_struct: Option<Rooted<StructRef>>, echo_array: Option<Rooted<ArrayRef>>,
    echo_exn: Option<Rooted<ExnRef>>, echo_object: Option<HostObject<Thing>>,
    echo_handle: Handle<u64>
}

//! Functions that return what they are passed.

use host_runtime::{
    FromGuest, GuestSize, Handle, HostObject, IntoGuest, wasm_import,
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::{
    functions::{kept::Thing, table::entry},
    judge::{self, Entry},
    parameter::{Parameter, parameters},
    row::Row,
    value::Kind,
};

#[derive(Clone, Copy, FromGuest, IntoGuest)]
#[repr(u8)]
enum Level {
    Low = 1,
    Middle = 4,
    High = 255,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
#[repr(i16)]
enum Shift {
    Back = -300,
    None = 0,
    Forth = 300,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
enum Choice {
    Negative = -1,
    Zero,
    One,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
#[repr(u64)]
enum Large {
    Small = 1,
    Half = 1 << 63,
}

#[derive(Clone, Copy, FromGuest, IntoGuest)]
struct Celsius(f64);

#[derive(Clone, Copy, FromGuest, IntoGuest)]
struct Chosen {
    choice: Choice,
}

parameters! {
    Level => Row::In(Kind::I32, &[(1, 1), (4, 4), (255, 255)]);
    Shift => Row::In(Kind::I32, &[(-300, -300), (0, 0), (300, 300)]);
    Choice => Row::In(Kind::I32, &[(-1, 1)]);
    Large => Row::In(Kind::I64, &[(1, 1), (i64::MIN, i64::MIN)]);
    Celsius => Row::Any(Kind::F64);
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

        /// What the oracle knows of them.
        pub fn entries() -> Vec<Entry> {
            vec![$({
                let row = <$ty as Parameter>::ROW;
                entry(stringify!($name), vec![row], &row.kinds(), judge::echo)
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

//! Types that are as parameters what they are as results.

use host_runtime::{
    FromGuest, GuestSize, Handle, HostObject, IntoGuest, imports, wasm_import,
    wasmtime::{
        AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128, Val,
    },
};

use super::{Row, row};

/// Functions that give back what they get.
macro_rules! echoes {
    ($($name:ident: $ty:ty),*) => {$(
        #[wasm_import]
        fn $name(x: $ty) -> $ty {
            x
        }
    )*};
}

#[derive(FromGuest, IntoGuest)]
#[repr(u16)]
enum Mode {
    Off = 2,
    On = 700,
}

#[derive(FromGuest, IntoGuest)]
struct Celsius {
    degrees: f64,
}

echoes! {
    take_func: Option<Func>, take_extern: Option<Rooted<ExternRef>>,
    take_any: Option<Rooted<AnyRef>>, take_eq: Option<Rooted<EqRef>>, take_i31: Option<I31>,
    take_struct: Option<Rooted<StructRef>>, take_array: Option<Rooted<ArrayRef>>,
    take_exn: Option<Rooted<ExnRef>>, take_object: Option<HostObject<u8>>,
    take_handle: Handle<u8>, take_enum: Mode, take_newtype: Celsius, take_v128: V128, take_size: GuestSize,
    take_i32: i32, take_u32: u32, take_i64: i64, take_u64: u64, take_f32: f32, take_f64: f64,
    take_i8: i8, take_u8: u8, take_i16: i16, take_u16: u16, take_bool: bool, take_char: char
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        row(
            "a C-like enum",
            imports![take_enum],
            &[Val::I32(700)],
            &[Val::I32(700)],
        ),
        row(
            "a newtype",
            imports![take_newtype],
            &[0.5f64.into()],
            &[0.5f64.into()],
        ),
        row(
            "V128",
            imports![take_v128],
            &[Val::V128(7.into())],
            &[Val::V128(7.into())],
        ),
        row(
            "GuestSize",
            imports![take_size],
            &[Val::I32(-1)],
            &[Val::I32(-1)],
        ),
        row(
            "Option<Func>",
            imports![take_func],
            &[Val::FuncRef(None)],
            &[Val::FuncRef(None)],
        ),
        row(
            "Option<Rooted<ExternRef>>",
            imports![take_extern],
            &[Val::ExternRef(None)],
            &[Val::ExternRef(None)],
        ),
        row(
            "Option<Rooted<AnyRef>>",
            imports![take_any],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<EqRef>>",
            imports![take_eq],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<I31>",
            imports![take_i31],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<StructRef>>",
            imports![take_struct],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<ArrayRef>>",
            imports![take_array],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<ExnRef>>",
            imports![take_exn],
            &[Val::ExnRef(None)],
            &[Val::ExnRef(None)],
        ),
        row(
            "Option<HostObject<T>>",
            imports![take_object],
            &[Val::ExternRef(None)],
            &[Val::ExternRef(None)],
        ),
        row(
            "Handle<T>",
            imports![take_handle],
            &[Val::I32(-1)],
            &[Val::I32(-1)],
        ),
        row("i32", imports![take_i32], &[Val::I32(-1)], &[Val::I32(-1)]),
        row("u32", imports![take_u32], &[Val::I32(-1)], &[Val::I32(-1)]),
        row("i64", imports![take_i64], &[Val::I64(-1)], &[Val::I64(-1)]),
        row("u64", imports![take_u64], &[Val::I64(-1)], &[Val::I64(-1)]),
        row(
            "f32",
            imports![take_f32],
            &[1.5f32.into()],
            &[1.5f32.into()],
        ),
        row(
            "f64",
            imports![take_f64],
            &[1.5f64.into()],
            &[1.5f64.into()],
        ),
        row(
            "i8",
            imports![take_i8],
            &[Val::I32(-128)],
            &[Val::I32(-128)],
        ),
        row("u8", imports![take_u8], &[Val::I32(255)], &[Val::I32(255)]),
        row(
            "i16",
            imports![take_i16],
            &[Val::I32(-32768)],
            &[Val::I32(-32768)],
        ),
        row(
            "u16",
            imports![take_u16],
            &[Val::I32(65535)],
            &[Val::I32(65535)],
        ),
        row("bool", imports![take_bool], &[Val::I32(1)], &[Val::I32(1)]),
        row(
            "char",
            imports![take_char],
            &[Val::I32('é' as i32)],
            &[Val::I32('é' as i32)],
        ),
    ]
}

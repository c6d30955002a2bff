//! Types that have the same form as parameters and as results.

use host_runtime::{
    FromGuest, GuestSize, Handle, HostObject, Imports, IntoGuest, imports, wasm_import,
    wasmtime::{
        AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128, Val,
    },
};

use super::{Row, row};

/// Functions that return their parameter.
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
    take_handle: Handle<u8>, take_enum: Mode, take_newtype: Celsius, take_v128: V128,
    take_size: GuestSize,
    take_i32: i32, take_u32: u32, take_i64: i64, take_u64: u64, take_f32: f32, take_f64: f64,
    take_i8: i8, take_u8: u8, take_i16: i16, take_u16: u16, take_bool: bool, take_char: char
}

/// A row in which the guest receives the value that it passes.
fn same(ty: &'static str, imports: Imports, value: impl Into<Val>) -> Row {
    let value = [value.into()];
    row(ty, imports, &value, &value)
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        same("a C-like enum", imports![take_enum], Val::I32(700)),
        same("a newtype", imports![take_newtype], 0.5f64),
        same("V128", imports![take_v128], Val::V128(7.into())),
        same("GuestSize", imports![take_size], Val::I32(-1)),
        same("Option<Func>", imports![take_func], Val::FuncRef(None)),
        same(
            "Option<Rooted<ExternRef>>",
            imports![take_extern],
            Val::ExternRef(None),
        ),
        same(
            "Option<Rooted<AnyRef>>",
            imports![take_any],
            Val::AnyRef(None),
        ),
        same(
            "Option<Rooted<EqRef>>",
            imports![take_eq],
            Val::AnyRef(None),
        ),
        same("Option<I31>", imports![take_i31], Val::AnyRef(None)),
        same(
            "Option<Rooted<StructRef>>",
            imports![take_struct],
            Val::AnyRef(None),
        ),
        same(
            "Option<Rooted<ArrayRef>>",
            imports![take_array],
            Val::AnyRef(None),
        ),
        same(
            "Option<Rooted<ExnRef>>",
            imports![take_exn],
            Val::ExnRef(None),
        ),
        same(
            "Option<HostObject<T>>",
            imports![take_object],
            Val::ExternRef(None),
        ),
        same("Handle<T>", imports![take_handle], Val::I32(-1)),
        same("i32", imports![take_i32], Val::I32(-1)),
        same("u32", imports![take_u32], Val::I32(-1)),
        same("i64", imports![take_i64], Val::I64(-1)),
        same("u64", imports![take_u64], Val::I64(-1)),
        same("f32", imports![take_f32], 1.5f32),
        same("f64", imports![take_f64], 1.5f64),
        same("i8", imports![take_i8], Val::I32(-128)),
        same("u8", imports![take_u8], Val::I32(255)),
        same("i16", imports![take_i16], Val::I32(-32768)),
        same("u16", imports![take_u16], Val::I32(65535)),
        same("bool", imports![take_bool], Val::I32(1)),
        same("char", imports![take_char], Val::I32('é' as i32)),
    ]
}

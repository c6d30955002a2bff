//! The parameter types, each with its row and how functions of `touching!` read and write it.

use std::ffi::{CStr, CString};

use host_runtime::{
    Callback, CallbackRef, GuestPointer, GuestSize, GuestSlice, Handle, PlainData,
    values::{AssemblyScriptStr, Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::{
    digest::{Digest, element, fill},
    row::{Access, Form, Row, slice, text},
    value::Kind,
};

pub trait Parameter {
    const ROW: Row;

    /// The row of `Option<Self>`.
    const OPTION: Row = Row::Option(&Self::ROW);

    /// Adds all data of the parameter to the digest.
    fn read(&self, _: &mut Digest) {
        unreachable!("no function of `touching!` takes this type")
    }

    /// Writes to all data that is mutable.
    fn write(&mut self, _seed: u64) {}
}

/// Implements `Parameter` for types that have a row and, for `touching!`, code to read and write.
macro_rules! parameters {
    ($($ty:ty $(where $($generic:ident $(: $bound:ident)?),+)? => $row:expr
        $(, |$x:ident, $digest:ident| $read:expr $(, |$y:ident, $seed:ident| $write:expr)?)?;)*
    ) => {$(
        impl$(<$($generic $(: $bound)?),+>)? Parameter for $ty {
            const ROW: Row = $row;

            $(fn read(&self, $digest: &mut Digest) {
                let $x = self;
                $read
            }

            $(fn write(&mut self, $seed: u64) {
                let $y = self;
                $write
            })?)?
        }
    )*};
}

pub(crate) use parameters;

parameters! {
    i8 => Row::In(Kind::I32, &[(-128, 127)]),
        |x, digest| digest.number(i64::from(*x).cast_unsigned());
    u8 => Row::In(Kind::I32, &[(0, 255)]), |x, digest| digest.number((*x).into());
    i16 => Row::In(Kind::I32, &[(-32768, 32767)]),
        |x, digest| digest.number(i64::from(*x).cast_unsigned());
    u16 => Row::In(Kind::I32, &[(0, 65535)]), |x, digest| digest.number((*x).into());
    i32 => Row::In(Kind::I32, &[(-1 << 31, (1 << 31) - 1)]),
        |x, digest| digest.number(i64::from(*x).cast_unsigned());
    u32 => Row::Any(Kind::I32), |x, digest| digest.number((*x).into());
    i64 => Row::Any(Kind::I64), |x, digest| digest.number(x.cast_unsigned());
    u64 => Row::Any(Kind::I64), |x, digest| digest.number(*x);
    f32 => Row::Any(Kind::F32), |x, digest| digest.number(x.to_bits().into());
    f64 => Row::Any(Kind::F64), |x, digest| digest.number(x.to_bits());
    bool => Row::In(Kind::I32, &[(0, 1)]), |x, digest| digest.number((*x).into());
    char => Row::In(Kind::I32, &[(0, 0xD7FF), (0xE000, 0x10_FFFF)]),
        |x, digest| digest.number(u32::from(*x).into());

    &str => text(Access::Read), |x, digest| digest.bytes(utf8(x));
    String => text(Access::Copy), |x, digest| digest.bytes(utf8(x));
    &[T] where T: PlainData => slice::<T>(Access::Read),
        |x, digest| digest.bytes(bytemuck::cast_slice(x));
    Vec<T> where T: PlainData => slice::<T>(Access::Copy),
        |x, digest| digest.bytes(bytemuck::cast_slice(x));
    &mut [T] where T: PlainData => slice::<T>(Access::Write),
        |x, digest| digest.bytes(bytemuck::cast_slice(x)),
        |x, seed| fill(bytemuck::cast_slice_mut(x), seed);
    OutBuffer<'_, T> where T: PlainData => slice::<T>(Access::Write),
        |x, digest| digest.bytes(bytemuck::cast_slice(&*x.0)),
        |x, seed| fill(bytemuck::cast_slice_mut(&mut *x.0), seed);
    Utf16<'_> => slice::<u16>(Access::Read), |x, digest| {
        let _ = x.to_string();
        digest.bytes(bytemuck::cast_slice(x.0));
    };
    AssemblyScriptStr<'_> => Row::Script,
        |x, digest| digest.bytes(bytemuck::cast_slice(x.0.0));
    &CStr => Row::CStr(Access::Read), |x, digest| digest.bytes(x.to_bytes_with_nul());
    CString => Row::CStr(Access::Copy), |x, digest| digest.bytes(x.to_bytes_with_nul());
    &T where T: PlainData => slice::<T>(Access::Read).passed(Form::One),
        |x, digest| digest.bytes(bytemuck::bytes_of(*x));
    &mut T where T: PlainData => slice::<T>(Access::Write).passed(Form::One),
        |x, digest| digest.bytes(bytemuck::bytes_of(*x)),
        |x, seed| fill(bytemuck::bytes_of_mut(*x), seed);

    PointerLow<T> where T: Parameter => T::ROW.passed(Form::Low),
        |x, digest| x.0.read(digest), |x, seed| x.0.write(seed);
    PointerHigh<T> where T: Parameter => T::ROW.passed(Form::High),
        |x, digest| x.0.read(digest), |x, seed| x.0.write(seed);
    Indirect<T> where T: Parameter => T::ROW.passed(Form::Indirect),
        |x, digest| x.0.read(digest), |x, seed| x.0.write(seed);
    SliceList<T> where T: Parameter => T::ROW.passed(Form::List), |x, digest| {
        digest.number(x.0.len() as u64);
        x.0.iter().for_each(|each| each.read(digest));
    }, |x, seed| {
        let each = x.0.iter_mut().enumerate();
        each.for_each(|(index, each)| each.write(element(seed, index)));
    };
    Option<T> where T: Parameter => T::OPTION, |x, digest| {
        digest.number(x.is_some().into());
        if let Some(value) = x {
            value.read(digest);
        }
    }, |x, seed| if let Some(value) = x {
        value.write(seed);
    };

    V128 => Row::Any(Kind::V128);
    GuestSize => Row::Any(Kind::Pointer);
    GuestPointer<T> where T => Row::Any(Kind::Pointer);
    GuestSlice<T> where T => slice::<T>(Access::Later);
    Callback<P, R> where P, R => Row::Any(Kind::Pointer);
    CallbackRef<P, R> where P, R => Row::Any(Kind::Func);
    Handle<T> where T => Row::Any(Kind::I32);
}

/// Implements `Parameter` for references, which the host functions take only in `Option`.
macro_rules! references {
    ($($ty:ty => $kind:ident;)*) => {$(
        impl Parameter for $ty {
            const ROW: Row = Row::Any(Kind::$kind);
            const OPTION: Row = Self::ROW;
        }
    )*};
}

references! {
    Func => Func;
    Rooted<ExternRef> => Extern;
    Rooted<AnyRef> => Any;
    Rooted<EqRef> => Eq;
    I31 => I31;
    Rooted<StructRef> => Struct;
    Rooted<ArrayRef> => Array;
    Rooted<ExnRef> => Exn;
}

/// The bytes of text. Decodes the text first, which is unsound if it is not valid UTF-8.
fn utf8(text: &str) -> &[u8] {
    assert_eq!(text.chars().map(char::len_utf8).sum::<usize>(), text.len());
    text.as_bytes()
}

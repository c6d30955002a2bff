//! The types of parameters: which row of the table each is, and how a host function here reads all
//! of one and writes all that it may.

use std::ffi::{CStr, CString};

use host_runtime::{
    Callback, CallbackRef, GuestPointer, GuestSize, GuestSlice, Handle, PlainData,
    values::{AssemblyScriptStr, Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
    wasmtime::{AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128},
};

use crate::{
    digest::{self, Digest},
    row::{Access, Row, Slice},
    value::Kind,
};

pub trait Parameter {
    const ROW: Row;

    /// What `Option` of it is.
    const OPTION: Row = Row::Option(&Self::ROW);

    /// Reads all of it.
    fn read(&self, _: &mut Digest) {
        unreachable!("no function of `touching!` takes it")
    }

    /// Writes all of it that may be written.
    fn write(&mut self, _seed: u64) {}
}

macro_rules! numbers {
    ($($ty:ty: $row:expr, |$x:ident| $bits:expr;)*) => {$(
        impl Parameter for $ty {
            const ROW: Row = $row;

            fn read(&self, digest: &mut Digest) {
                let $x = *self;
                digest.number($bits);
            }
        }
    )*};
}

numbers! {
    i8: Row::In(Kind::I32, &[(-128, 127)]), |x| i64::from(x).cast_unsigned();
    u8: Row::In(Kind::I32, &[(0, 255)]), |x| x.into();
    i16: Row::In(Kind::I32, &[(-32768, 32767)]), |x| i64::from(x).cast_unsigned();
    u16: Row::In(Kind::I32, &[(0, 65535)]), |x| x.into();
    i32: Row::In(Kind::I32, &[(-1 << 31, (1 << 31) - 1)]), |x| i64::from(x).cast_unsigned();
    u32: Row::Any(Kind::I32), |x| x.into();
    i64: Row::Any(Kind::I64), |x| x.cast_unsigned();
    u64: Row::Any(Kind::I64), |x| x;
    f32: Row::Any(Kind::F32), |x| x.to_bits().into();
    f64: Row::Any(Kind::F64), |x| x.to_bits();
    bool: Row::In(Kind::I32, &[(0, 1)]), |x| x.into();
    char: Row::In(Kind::I32, &[(0, 0xD7FF), (0xE000, 0x10_FFFF)]), |x| u32::from(x).into();
}

/// Types of which there is a row and no more.
macro_rules! rows {
    ($($ty:ty $(where $($generic:ident),+)? => $row:expr;)*) => {$(
        impl$(<$($generic),+>)? Parameter for $ty {
            const ROW: Row = $row;
        }
    )*};
}

pub(crate) use rows;

rows! {
    V128 => Row::Any(Kind::V128);
    GuestSize => Row::Any(Kind::Pointer);
    GuestPointer<T> where T => Row::Any(Kind::Pointer);
    Callback<P, R> where P, R => Row::Any(Kind::Pointer);
    CallbackRef<P, R> where P, R => Row::Any(Kind::Func);
    Handle<T> where T => Row::Any(Kind::I32);
    GuestSlice<T> where T => Row::Slice(slice::<T>(Access::Later));
}

/// References, which the functions here take in `Option` only.
macro_rules! references {
    ($($ty:ty: $kind:ident;)*) => {$(
        impl Parameter for $ty {
            const ROW: Row = Row::Any(Kind::$kind);
            const OPTION: Row = Self::ROW;
        }
    )*};
}

references! {
    Func: Func;
    Rooted<ExternRef>: Extern;
    Rooted<AnyRef>: Any;
    Rooted<EqRef>: Eq;
    I31: I31;
    Rooted<StructRef>: Struct;
    Rooted<ArrayRef>: Array;
    Rooted<ExnRef>: Exn;
}

/// A slice of such elements.
const fn slice<T>(access: Access) -> Slice {
    Slice {
        size: size_of::<T>(),
        align: align_of::<T>(),
        access,
        text: false,
    }
}

const fn text(access: Access) -> Slice {
    Slice {
        text: true,
        ..slice::<u8>(access)
    }
}

/// Types that are passed by a pointer and a length.
pub trait SliceParameter: Parameter {
    const SLICE: Slice;
}

macro_rules! slices {
    ($($ty:ty $(where $generic:ident)? => $slice:expr,
        |$x:ident| $bytes:expr $(, |$y:ident, $seed:ident| $write:expr)?;)*) => {$(
        impl $(<$generic: PlainData>)? SliceParameter for $ty {
            const SLICE: Slice = $slice;
        }

        impl $(<$generic: PlainData>)? Parameter for $ty {
            const ROW: Row = Row::Slice(Self::SLICE);

            fn read(&self, digest: &mut Digest) {
                let $x = self;
                digest.bytes($bytes);
            }

            $(fn write(&mut self, $seed: u64) {
                let $y = self;
                digest::fill($write, $seed);
            })?
        }
    )*};
}

slices! {
    &str => text(Access::Read), |x| utf8(x);
    String => text(Access::Copy), |x| utf8(x);
    &[T] where T => slice::<T>(Access::Read), |x| bytemuck::cast_slice(x);
    Vec<T> where T => slice::<T>(Access::Copy), |x| bytemuck::cast_slice(x);
    &mut [T] where T => slice::<T>(Access::Write), |x| bytemuck::cast_slice(x),
        |x, seed| bytemuck::cast_slice_mut(x);
    OutBuffer<'_, T> where T => slice::<T>(Access::Write), |x| bytemuck::cast_slice(&*x.0),
        |x, seed| bytemuck::cast_slice_mut(&mut *x.0);
    Utf16<'_> => slice::<u16>(Access::Read), |x| {
        let _ = x.to_string();
        bytemuck::cast_slice(x.0)
    };
}

/// The bytes of text, which is decoded first: that relies on its being UTF-8.
fn utf8(text: &str) -> &[u8] {
    assert_eq!(text.chars().map(char::len_utf8).sum::<usize>(), text.len());
    text.as_bytes()
}

impl<T: PlainData> Parameter for &T {
    const ROW: Row = Row::One(slice::<T>(Access::Read));

    fn read(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::bytes_of(*self));
    }
}

impl<T: PlainData> Parameter for &mut T {
    const ROW: Row = Row::One(slice::<T>(Access::Write));

    fn read(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::bytes_of(*self));
    }

    fn write(&mut self, seed: u64) {
        digest::fill(bytemuck::bytes_of_mut(*self), seed);
    }
}

impl Parameter for &CStr {
    const ROW: Row = Row::CStr(Access::Read);

    fn read(&self, digest: &mut Digest) {
        digest.bytes(self.to_bytes_with_nul());
    }
}

impl Parameter for CString {
    const ROW: Row = Row::CStr(Access::Copy);

    fn read(&self, digest: &mut Digest) {
        self.as_c_str().read(digest);
    }
}

impl Parameter for AssemblyScriptStr<'_> {
    const ROW: Row = Row::Script;

    fn read(&self, digest: &mut Digest) {
        digest.bytes(bytemuck::cast_slice(self.0.0));
    }
}

macro_rules! wrappers {
    ($($ty:ident: $row:ident;)*) => {$(
        impl<T: SliceParameter> Parameter for $ty<T> {
            const ROW: Row = Row::$row(T::SLICE);

            fn read(&self, digest: &mut Digest) {
                self.0.read(digest);
            }

            fn write(&mut self, seed: u64) {
                self.0.write(seed);
            }
        }
    )*};
}

wrappers! {
    PointerLow: Low;
    PointerHigh: High;
    Indirect: Indirect;
}

impl<T: SliceParameter> Parameter for SliceList<T> {
    const ROW: Row = Row::List(T::SLICE);

    fn read(&self, digest: &mut Digest) {
        digest.number(self.0.len() as u64);
        self.0.iter().for_each(|each| each.read(digest));
    }

    fn write(&mut self, seed: u64) {
        for (index, each) in self.0.iter_mut().enumerate() {
            each.write(digest::element(seed, index));
        }
    }
}

impl<T: Parameter> Parameter for Option<T> {
    const ROW: Row = T::OPTION;

    fn read(&self, digest: &mut Digest) {
        digest.number(self.is_some().into());
        self.iter().for_each(|value| value.read(digest));
    }

    fn write(&mut self, seed: u64) {
        self.iter_mut().for_each(|value| value.write(seed));
    }
}

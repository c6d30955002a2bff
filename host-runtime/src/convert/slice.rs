//! Slices in guest memory: text, bytes and plain data, borrowed or copied.

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, PlainData},
    error::ValueError,
    memory,
};

/// A pointer and a length, by which C passes a slice.
pub type Slice = (GuestSize, GuestSize);

/// The parameters that are passed as a pointer and a length. These may be packed or lie in memory.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not passed as a pointer and a length",
    label = "expected a type that is passed as a pointer and a length",
    note = "write `&str`, `&[u8]`, `&mut [u8]`, a slice of plain data, `String` or `Vec<u8>` here"
)]
pub trait SliceParameter<'a>: FromGuest<'a, Wasm = Slice> {}

#[diagnostic::do_not_recommend]
impl<'a, T: FromGuest<'a, Wasm = Slice>> SliceParameter<'a> for T {}

/// Checks that elements have a size.
///
/// # Panics
///
/// If they have none: at compile time, where constants are made.
pub(crate) const fn check_element<T>() {
    assert!(
        size_of::<T>() > 0,
        "elements of a slice in guest memory must have a size: take only their number, as a \
         `GuestSize`"
    );
}

/// The size of a slice of `T` in bytes. If it does not fit into a `u64`, the result is larger than
/// any memory.
#[inline]
pub(crate) fn byte_length<T>(length: GuestSize) -> u64 {
    const { check_element::<T>() };
    length.0.saturating_mul(size_of::<T>() as u64)
}

impl<'a, T: PlainData> FromGuest<'a> for &'a [T] {
    type Wasm = Slice;
    const VALID: () = check_element::<T>();
    const MEMORY: bool = true;

    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    fn from_guest((pointer, length): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = byte_length::<T>(length);
        let bytes = call.memory()?.shared(pointer, bytes);
        let bytes = bytes.map_err(|error| of_elements::<T>(error, length))?;
        cast(bytes).ok_or_else(|| misaligned::<T>(pointer).into())
    }
}

/// The bytes of guest memory as elements; `None` if they are not aligned.
#[inline]
pub(crate) fn cast<T: PlainData>(bytes: &[u8]) -> Option<&[T]> {
    // A guest may pass any pointer for an empty slice.
    if bytes.is_empty() {
        return Some(&[]);
    }
    bytemuck::try_cast_slice(bytes).ok()
}

/// Converts an error about the bytes of a slice to one about its elements.
#[cold]
pub(crate) fn of_elements<T>(error: ValueError, length: GuestSize) -> ValueError {
    match error {
        ValueError::OutOfBounds {
            pointer, memory, ..
        } => ValueError::OutOfBounds {
            pointer,
            length: length.0,
            size: size_of::<T>(),
            memory,
        },
        error => error,
    }
}

#[cold]
pub(crate) fn misaligned<T>(pointer: GuestSize) -> ValueError {
    ValueError::Misaligned {
        pointer: pointer.0,
        align: align_of::<T>(),
    }
}

impl<'a, T: PlainData> FromGuest<'a> for &'a mut [T] {
    type Wasm = Slice;
    const VALID: () = check_element::<T>();
    const MEMORY: bool = true;

    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    fn from_guest((pointer, length): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = byte_length::<T>(length);
        let bytes = call.memory()?.exclusive(pointer, bytes);
        let bytes = bytes.map_err(|error| of_elements::<T>(error, length))?;
        if bytes.is_empty() {
            return Ok(&mut []);
        }
        bytemuck::try_cast_slice_mut(bytes).map_err(|_| misaligned::<T>(pointer).into())
    }
}

impl<'a> FromGuest<'a> for &'a str {
    type Wasm = Slice;
    const MEMORY: bool = true;

    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    fn from_guest((pointer, length): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = call.memory()?.shared(pointer, length.0)?;
        utf8(bytes).ok_or_else(|| not_utf8(bytes, pointer).into())
    }
}

/// The length from which on text is checked by [`simdutf8`], which is slower for shorter text.
const LONG: usize = 128;

/// The bytes of guest memory as text; `None` if they are not UTF-8.
///
/// An error is made apart, because it is large, and calls return quickly without it.
#[inline]
pub(crate) fn utf8(bytes: &[u8]) -> Option<&str> {
    if bytes.len() < LONG {
        str::from_utf8(bytes).ok()
    } else {
        simdutf8::basic::from_utf8(bytes).ok()
    }
}

/// Makes the error of bytes that are not UTF-8.
#[cold]
pub(crate) fn not_utf8(bytes: &[u8], pointer: GuestSize) -> ValueError {
    match str::from_utf8(bytes) {
        Err(error) => ValueError::Utf8 {
            pointer: pointer.0,
            length: bytes.len() as u64,
            error,
        },
        Ok(_) => unreachable!("both checks of UTF-8 agree"),
    }
}

impl<T: PlainData> FromGuest<'_> for Vec<T> {
    type Wasm = Slice;
    const VALID: () = check_element::<T>();
    const MEMORY: bool = true;

    #[inline]
    fn from_guest((pointer, length): Slice, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        let bytes = byte_length::<T>(length);
        // The copy of a shared memory is aligned, wherever the bytes were.
        if bytes > 0 && !pointer.0.is_multiple_of(align_of::<T>() as u64) {
            let size = call.memory()?.size();
            memory::range(pointer, bytes, size).map_err(|error| of_elements::<T>(error, length))?;
            return Err(misaligned::<T>(pointer).into());
        }
        let copied = call.copy(pointer, bytes, |bytes| {
            let values = cast(bytes).ok_or_else(|| misaligned::<T>(pointer))?;
            Ok(values.to_vec())
        });
        copied.map_err(|error| match error.downcast() {
            Ok(error) => of_elements::<T>(error, length).into(),
            Err(error) => error,
        })
    }
}

impl FromGuest<'_> for String {
    type Wasm = Slice;
    const MEMORY: bool = true;

    #[inline]
    fn from_guest((pointer, length): Slice, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        call.copy(pointer, length.0, |bytes| {
            let text = utf8(bytes).ok_or_else(|| not_utf8(bytes, pointer))?;
            Ok(text.to_owned())
        })
    }
}

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

    #[inline]
    fn from_guest((pointer, length): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = byte_length::<T>(length);
        let bytes = call.memory()?.shared(pointer, bytes);
        let bytes = bytes.map_err(|error| of_elements::<T>(error, length))?;
        Ok(cast(bytes, pointer)?)
    }
}

/// Casts bytes of guest memory to elements.
#[inline]
pub(crate) fn cast<T: PlainData>(bytes: &[u8], pointer: GuestSize) -> Result<&[T], ValueError> {
    // A guest may pass any pointer for an empty slice.
    if bytes.is_empty() {
        return Ok(&[]);
    }
    bytemuck::try_cast_slice(bytes).map_err(|_| misaligned::<T>(pointer))
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

    #[inline]
    fn from_guest((pointer, length): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = byte_length::<T>(length);
        let bytes = call.memory()?.exclusive(pointer, bytes);
        let bytes = bytes.map_err(|error| of_elements::<T>(error, length))?;
        if bytes.is_empty() {
            return Ok(&mut []);
        }
        Ok(bytemuck::try_cast_slice_mut(bytes).map_err(|_| misaligned::<T>(pointer))?)
    }
}

impl<'a> FromGuest<'a> for &'a str {
    type Wasm = Slice;
    const MEMORY: bool = true;

    #[inline]
    fn from_guest((pointer, length): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = call.memory()?.shared(pointer, length.0)?;
        Ok(utf8(bytes, pointer)?)
    }
}

/// Checks that bytes of guest memory are text.
#[inline]
pub(crate) fn utf8(bytes: &[u8], pointer: GuestSize) -> Result<&str, ValueError> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) => not_utf8(bytes, pointer),
    }
}

/// Finds the byte that is not UTF-8, which takes longer than to find out that there is one.
#[cold]
fn not_utf8(bytes: &[u8], pointer: GuestSize) -> Result<&str, ValueError> {
    str::from_utf8(bytes).map_err(|error| ValueError::Utf8 {
        pointer: pointer.0,
        length: bytes.len() as u64,
        error,
    })
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
        let copied = call.copy(pointer, bytes, |bytes| Ok(cast(bytes, pointer)?.to_vec()));
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
            Ok(utf8(bytes, pointer)?.to_owned())
        })
    }
}

//! Plain data in guest memory: numbers, and structs of them.

use bytemuck::Pod;

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, slice::misaligned},
};

#[cfg(target_endian = "big")]
compile_error!("plain data is borrowed from the guest's memory, which is little-endian");

/// The types that can be borrowed from guest memory directly: numbers, arrays of them, and structs
/// of your own.
///
/// A host function takes it by pointer, `&T` or `&mut T`, or in a slice, and returns it by
/// `ReturnPointer<T>`. It must have the guest's layout. So it contains no `usize` and no pointers,
/// and it has a field, such as `padding: [u8; 3]`, wherever C has padding:
///
/// ```
/// use host_runtime::{PlainData, Runtime, imports, wasm_import};
///
/// #[derive(Clone, Copy, PlainData)]
/// #[repr(C)]
/// struct Point {
///     x: f32,
///     y: f32,
/// }
///
/// #[wasm_import(module = "shape")]
/// fn center(corners: &[Point], center: &mut Point) {
///     let count = corners.len() as f32;
///     center.x = corners.iter().map(|point| point.x).sum::<f32>() / count;
///     center.y = corners.iter().map(|point| point.y).sum::<f32>() / count;
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![center]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "shape" "center" (func $center (param i32 i32 i32)))
///     (memory (export "memory") 1)
///     (func (export "run") (call $center (i32.const 0) (i32.const 2) (i32.const 16))))"#)?;
/// guest.write(0u32, bytemuck::cast_slice(&[1f32, 2.0, 3.0, 4.0]))?;
/// guest.call::<(), ()>("run", ())?;
/// assert_eq!(guest.read(16u32, 8u32)?, bytemuck::cast_slice::<f32, u8>(&[2.0, 3.0]));
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not have the same layout in guest memory as in Rust",
    label = "guests cannot pass a pointer to this",
    note = "plain data is an integer from `i8` to `u64`, `f32`, `f64`, an array of those, or a \
        struct that derives `host_runtime::PlainData`"
)]
pub trait PlainData: Pod {}

/// The size of a field of a struct that derives [`PlainData`].
#[doc(hidden)]
#[must_use]
pub const fn plain_size<S, T: PlainData>(_: fn(&S) -> &T) -> usize {
    size_of::<T>()
}

macro_rules! plain {
    ($($ty:ty)*) => {$(impl PlainData for $ty {})*};
}

plain!(i8 u8 i16 u16 i32 u32 i64 u64 f32 f64);

impl<T: PlainData, const N: usize> PlainData for [T; N] where [T; N]: Pod {}

impl<'a, T: PlainData> FromGuest<'a> for &'a T {
    type Wasm = GuestSize;
    const MEMORY: bool = true;

    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    fn from_guest(pointer: GuestSize, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = call.memory()?.shared(pointer, size_of::<T>() as u64)?;
        bytemuck::try_from_bytes(bytes).map_err(|_| misaligned::<T>(pointer).into())
    }
}

impl<'a, T: PlainData> FromGuest<'a> for &'a mut T {
    type Wasm = GuestSize;
    const MEMORY: bool = true;

    #[expect(clippy::inline_always, reason = "a call costs a third more without")]
    #[inline(always)]
    fn from_guest(pointer: GuestSize, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let bytes = call.memory()?.exclusive(pointer, size_of::<T>() as u64)?;
        bytemuck::try_from_bytes_mut(bytes).map_err(|_| misaligned::<T>(pointer).into())
    }
}

/// Copies plain data out of guest memory. The pointer need not be aligned.
pub(super) fn read_plain<T: PlainData>(
    pointer: GuestSize,
    call: &mut Call<'_>,
) -> wasmtime::Result<T> {
    let mut value = T::zeroed();
    call.memory()?
        .read(pointer, bytemuck::bytes_of_mut(&mut value))?;
    Ok(value)
}

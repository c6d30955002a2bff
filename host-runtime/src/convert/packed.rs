//! Pointers and lengths that are packed into one number or lie in memory.

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, IntoGuest, SliceParameter, slice::Slice},
};

/// The number of bits of each half of a packed `i64`.
const HALF: u32 = 32;

/// A pointer and a length in one `i64`, the pointer in its lower half.
///
/// ```
/// use host_runtime::{values::PointerLow, wasm_import};
///
/// #[wasm_import]
/// fn emit(chunk: PointerLow<&str>) {
///     print!("{}", chunk.0);
/// }
/// ```
///
/// As a result, it consists of a pointer and a length: `PointerLow((pointer, length))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointerLow<T>(pub T);

/// A pointer and a length in one `i64`, the pointer in its upper half; see [`PointerLow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointerHigh<T>(pub T);

/// The lower and the upper half.
#[inline]
fn halves(packed: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "that is the lower half")]
    let low = packed as u32;
    (low, (packed >> HALF) as u32)
}

/// The lower half.
pub(super) fn low(packed: u64) -> u32 {
    halves(packed).0
}

/// The upper half.
pub(super) fn high(packed: u64) -> u32 {
    halves(packed).1
}

/// Packs two halves into one number.
#[inline]
pub(crate) fn pack((low, high): (u32, u32)) -> u64 {
    u64::from(low) | u64::from(high) << HALF
}

impl<'a, T: SliceParameter<'a>> FromGuest<'a> for PointerLow<T> {
    type Wasm = u64;
    const MEMORY: bool = T::MEMORY;

    #[inline]
    fn from_guest(packed: u64, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let (pointer, length) = halves(packed);
        T::from_guest((pointer.into(), length.into()), call).map(Self)
    }
}

impl<'a, T: SliceParameter<'a>> FromGuest<'a> for PointerHigh<T> {
    type Wasm = u64;
    const MEMORY: bool = T::MEMORY;

    #[inline]
    fn from_guest(packed: u64, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let (length, pointer) = halves(packed);
        T::from_guest((pointer.into(), length.into()), call).map(Self)
    }
}

impl IntoGuest for PointerLow<(u32, u32)> {
    type Wasm = u64;

    #[inline]
    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<u64> {
        Ok(pack(self.0))
    }
}

impl IntoGuest for PointerHigh<(u32, u32)> {
    type Wasm = u64;

    #[inline]
    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<u64> {
        let (pointer, length) = self.0;
        Ok(pack((length, pointer)))
    }
}

/// Converts the result of an export of the guest.
impl From<u64> for PointerLow<(u32, u32)> {
    fn from(packed: u64) -> Self {
        Self(halves(packed))
    }
}

/// Converts the result of an export of the guest.
impl From<u64> for PointerHigh<(u32, u32)> {
    fn from(packed: u64) -> Self {
        let (length, pointer) = halves(packed);
        Self((pointer, length))
    }
}

/// A pointer to a pointer and a length, one after the other in memory.
///
/// ```
/// use host_runtime::{values::Indirect, wasm_import};
///
/// #[wasm_import]
/// fn log(text: Indirect<&str>) {
///     println!("{}", text.0);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indirect<T>(pub T);

impl<'a, T: SliceParameter<'a>> FromGuest<'a> for Indirect<T> {
    type Wasm = GuestSize;
    const MEMORY: bool = true;

    #[inline]
    fn from_guest(at: GuestSize, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        let slice = call.read_slice(at)?;
        T::from_guest(slice, call).map(Self)
    }
}

/// A list of slices, as `writev` takes it: a pointer to pairs of a pointer and a length, and the
/// number of pairs.
///
/// `T` is `&[u8]` or `&mut [u8]`, or another type that is passed as a pointer and a length. The
/// list and its slices must be within the call's copy budget, and the number of slices within the
/// [limit](crate::HostData::set_list_limit).
///
/// ```
/// use host_runtime::{values::SliceList, wasm_import};
///
/// #[wasm_import]
/// fn write(chunks: SliceList<&[u8]>) -> u32 {
///     chunks.0.iter().map(|chunk| chunk.len() as u32).sum()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceList<T>(pub Vec<T>);

/// The approximate memory that the record of a borrowed slice takes.
const NOTED: u64 = 64;

impl<'a, T: SliceParameter<'a>> FromGuest<'a> for SliceList<T> {
    type Wasm = Slice;
    const MEMORY: bool = true;

    fn from_guest((at, count): Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        // The guest chooses the length of the list. It is checked before memory is allocated.
        let size = call.slice_size();
        let noted = size_of::<T>() as u64 + NOTED;
        call.check_list(at, count.0)?;
        call.charge(count.0.saturating_mul(noted))?;
        let slices = (0..count.0).map(|index| {
            let slice = call.read_slice(GuestSize(at.0 + index * size))?;
            // Borrowing copies nothing. But the guest can list one slice many times, and each entry
            // is read.
            call.charge(slice.1.0)?;
            T::from_guest(slice, call)
        });
        slices.collect::<wasmtime::Result<_>>().map(Self)
    }
}

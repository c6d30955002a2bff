//! Buffers of the guest's that a host function fills.

use std::fmt;

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, PlainData, slice::Slice},
};

/// A buffer that the guest has made for the host to fill: a pointer, and for how many elements
/// there is room.
///
/// What its methods give is what most guests want to know: how much was written, or how much there
/// is.
///
/// ```
/// use host_runtime::{GuestSize, Runtime, imports, values::OutBuffer, wasm_import};
///
/// /// Gives the length of the name. The guest compares it with the room that it has, and asks
/// /// again if that is too little.
/// #[wasm_import(module = "host")]
/// fn name(mut out: OutBuffer<'_>) -> GuestSize {
///     out.write_all_or_none("an embedder".as_bytes())
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let mut guest = Runtime::builder().imports(imports![name]).build()?.instantiate(r#"(module
///     (import "host" "name" (func $name (param i32 i32) (result i32)))
///     (memory (export "memory") 1)
///     (export "name" (func $name)))"#)?;
/// assert_eq!(guest.call::<(u32, u32), u32>("name", (0, 4))?, 11);
/// assert_eq!(guest.read(0u32, 4u32)?, [0; 4]);
/// assert_eq!(guest.call::<(u32, u32), u32>("name", (0, 20))?, 11);
/// assert_eq!(guest.read(0u32, 11u32)?, b"an embedder");
/// # Ok(())
/// # }
/// ```
pub struct OutBuffer<'a, T = u8>(pub &'a mut [T]);

impl<T: PlainData> OutBuffer<'_, T> {
    /// Writes as much as there is room for, and gives how many elements that is.
    pub fn write(&mut self, values: &[T]) -> GuestSize {
        let length = values.len().min(self.0.len());
        self.0[..length].copy_from_slice(&values[..length]);
        GuestSize::from(length)
    }

    /// Writes all if there is room for all, and nothing otherwise; gives how many elements they
    /// are.
    pub fn write_all_or_none(&mut self, values: &[T]) -> GuestSize {
        if let Some(room) = self.0.get_mut(..values.len()) {
            room.copy_from_slice(values);
        }
        GuestSize::from(values.len())
    }
}

impl OutBuffer<'_> {
    /// Writes as many whole characters as there is room for, and gives how many bytes they are.
    pub fn write_text(&mut self, text: &str) -> GuestSize {
        let end = text.floor_char_boundary(self.0.len());
        self.write(&text.as_bytes()[..end])
    }
}

impl<T> fmt::Debug for OutBuffer<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutBuffer({})", self.0.len())
    }
}

impl<'a, T: PlainData> FromGuest<'a> for OutBuffer<'a, T> {
    type Wasm = Slice;
    const VALID: () = <&mut [T]>::VALID;
    const MEMORY: bool = true;

    #[inline]
    fn from_guest(slice: Slice, call: &mut Call<'a>) -> wasmtime::Result<Self> {
        <&mut [T]>::from_guest(slice, call).map(Self)
    }
}

//! Buffers of the guest that a host function fills.

use std::fmt;

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, PlainData, slice::Slice},
};

/// A buffer of the guest for the host to fill: a pointer, and the number of elements that fit.
///
/// Its methods return what most guests expect: the number of elements that were written, or that
/// there are.
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
    /// Writes as many elements as fit, and returns their number.
    pub fn write(&mut self, values: &[T]) -> GuestSize {
        let length = values.len().min(self.0.len());
        self.0[..length].copy_from_slice(&values[..length]);
        GuestSize::from(length)
    }

    /// Writes all elements if they fit, and nothing otherwise. Returns the number of all elements.
    pub fn write_all_or_none(&mut self, values: &[T]) -> GuestSize {
        if let Some(target) = self.0.get_mut(..values.len()) {
            target.copy_from_slice(values);
        }
        GuestSize::from(values.len())
    }
}

impl OutBuffer<'_> {
    /// Writes as many whole characters as fit, and returns the number of their bytes.
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

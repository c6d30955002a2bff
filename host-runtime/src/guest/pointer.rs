//! Pointers and slices in guest memory that are checked when they are used.

use std::{fmt, marker::PhantomData};

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{
        FromGuest, Nullable, PlainData,
        slice::{Slice, byte_length, check_element, of_elements},
    },
    error::ValueError,
    guest::AsGuest,
};

/// A pointer to plain data in the guest's memory.
///
/// Unlike a reference, it holds only the address. So it stays usable when the memory grows or the
/// guest is called back, and a future may hold it across an `await`. It is checked when it is read
/// or written.
///
/// ```
/// use host_runtime::{ValueError, Guest, GuestPointer, wasm_import};
///
/// #[wasm_import]
/// fn advance(mut guest: Guest<'_>, counter: GuestPointer<u64>) -> Result<(), ValueError> {
///     let count = counter.read(&mut guest)?;
///     counter.write(&mut guest, count + 1)
/// }
/// ```
pub struct GuestPointer<T> {
    at: GuestSize,
    ty: PhantomData<fn() -> T>,
}

impl<T: PlainData> GuestPointer<T> {
    /// Makes a pointer of an address, one that was read from guest memory for example.
    pub fn new(address: impl Into<GuestSize>) -> Self {
        Self {
            at: address.into(),
            ty: PhantomData,
        }
    }

    /// The address.
    #[must_use]
    pub fn address(self) -> GuestSize {
        self.at
    }

    /// Whether it is a null pointer.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.at.0 == 0
    }

    /// Copies the value out of guest memory. The pointer need not be aligned.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`]; [`ValueError::NoMemory`].
    pub fn read(self, guest: &mut impl AsGuest) -> Result<T, ValueError> {
        let mut value = T::zeroed();
        let bytes = bytemuck::bytes_of_mut(&mut value);
        guest.with_guest(|guest| guest.read_into(self.at, bytes))?;
        Ok(value)
    }

    /// Writes a value to guest memory. The pointer need not be aligned.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`]; [`ValueError::NoMemory`].
    pub fn write(self, guest: &mut impl AsGuest, value: T) -> Result<(), ValueError> {
        guest.with_guest(|guest| guest.write(self.at, bytemuck::bytes_of(&value)))
    }
}

impl<T: PlainData> FromGuest<'_> for GuestPointer<T> {
    type Wasm = GuestSize;

    #[inline]
    fn from_guest(at: GuestSize, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(Self {
            at,
            ty: PhantomData,
        })
    }
}

impl<T> Clone for GuestPointer<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for GuestPointer<T> {}

impl<T> fmt::Debug for GuestPointer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuestPointer({:#x})", self.at.0)
    }
}

/// A pointer and a length in the guest's memory; see [`GuestPointer`].
pub struct GuestSlice<T> {
    at: GuestSize,
    len: u64,
    ty: PhantomData<fn() -> T>,
}

impl<T: PlainData> GuestSlice<T> {
    /// Makes a slice of an address and a number of elements.
    pub fn new(address: impl Into<GuestSize>, len: u64) -> Self {
        Self {
            at: address.into(),
            len,
            ty: PhantomData,
        }
    }

    /// The address of the first element.
    #[must_use]
    pub fn address(self) -> GuestSize {
        self.at
    }

    /// The number of elements that the guest passed. It is not checked yet.
    #[must_use]
    pub fn len(self) -> u64 {
        self.len
    }

    /// Whether the number of elements is 0.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// A pointer to one element.
    ///
    /// # Errors
    ///
    /// [`ValueError::Index`] if the index is past the end.
    pub fn at(self, index: u64) -> Result<GuestPointer<T>, ValueError> {
        let at = self.offset(index);
        match at {
            Some(at) if index < self.len => Ok(GuestPointer {
                at: GuestSize(at),
                ty: PhantomData,
            }),
            _ => Err(ValueError::Index {
                index,
                length: self.len,
            }),
        }
    }

    fn offset(self, index: u64) -> Option<u64> {
        let bytes = index.checked_mul(size_of::<T>() as u64)?;
        self.at.0.checked_add(bytes)
    }

    /// Copies one element.
    ///
    /// # Errors
    ///
    /// Those of [`at`](Self::at) and [`GuestPointer::read`].
    pub fn get(self, guest: &mut impl AsGuest, index: u64) -> Result<T, ValueError> {
        self.at(index)?.read(guest)
    }

    /// Writes one element.
    ///
    /// # Errors
    ///
    /// Those of [`at`](Self::at) and [`GuestPointer::write`].
    pub fn set(self, guest: &mut impl AsGuest, index: u64, value: T) -> Result<(), ValueError> {
        self.at(index)?.write(guest, value)
    }

    /// Copies all elements. They count against the call's copy budget.
    ///
    /// # Errors
    ///
    /// [`ValueError::OutOfBounds`]; [`ValueError::OverBudget`]; [`ValueError::NoMemory`].
    pub fn to_vec(self, guest: &mut impl AsGuest) -> Result<Vec<T>, ValueError> {
        let bytes = byte_length::<T>(GuestSize(self.len));
        guest.with_guest(|guest| {
            let range = crate::memory::range(self.at, bytes, guest.memory_size()?);
            range.map_err(|error| of_elements::<T>(error, GuestSize(self.len)))?;
            guest.charge(bytes)?;
            // A size within the memory fits into a `usize`.
            let mut values = vec![T::zeroed(); usize::try_from(self.len).unwrap_or(0)];
            guest.read_into(self.at, bytemuck::cast_slice_mut(&mut values))?;
            Ok(values)
        })
    }

    /// Writes elements, the first one to index 0.
    ///
    /// # Errors
    ///
    /// [`ValueError::Index`] if they are more than the slice has; [`ValueError::OutOfBounds`];
    /// [`ValueError::NoMemory`].
    pub fn write(self, guest: &mut impl AsGuest, values: &[T]) -> Result<(), ValueError> {
        if values.len() as u64 > self.len {
            return Err(ValueError::Index {
                index: values.len() as u64,
                length: self.len,
            });
        }
        guest.with_guest(|guest| guest.write(self.at, bytemuck::cast_slice(values)))
    }
}

impl<T: PlainData> FromGuest<'_> for GuestSlice<T> {
    type Wasm = Slice;
    const VALID: () = check_element::<T>();

    #[inline]
    fn from_guest((at, len): Slice, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(Self {
            at,
            len: len.0,
            ty: PhantomData,
        })
    }
}

impl<T> Clone for GuestSlice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for GuestSlice<T> {}

impl<T> fmt::Debug for GuestSlice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuestSlice({:#x}, {})", self.at.0, self.len)
    }
}

impl<T: PlainData> Nullable<'_> for GuestPointer<T> {
    #[inline]
    fn is_null(pointer: &GuestSize) -> bool {
        pointer.0 == 0
    }
}

impl<T: PlainData> Nullable<'_> for GuestSlice<T> {
    #[inline]
    fn is_null((pointer, _): &Self::Wasm) -> bool {
        pointer.0 == 0
    }
}

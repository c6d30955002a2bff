//! Arguments of a guest's functions that are written to memory which the guest allocates.

use std::{ffi::CStr, fmt, marker::PhantomData};

use crate::{
    abi::{AddressType, CoreResults, Deallocator, GuestSize},
    call::Call,
    convert::{
        GuestDeallocator, Indirect, IntoGuest, Malloc, PlainData, PointerHigh, PointerLow, pack,
        slice::{Slice, check_element},
    },
};

/// An argument of a guest's function that is written to guest memory for the time of the call.
///
/// `T` is `&str` or a slice of [`PlainData`], of which the guest gets a pointer and a length; or
/// `&CStr` or a reference to [`PlainData`], of which it gets a pointer. As an `Option` it is a null
/// pointer for `None`. The pointer and the length can be packed by [`PointerLow`], [`PointerHigh`]
/// or [`Indirect`]. `A` allocates the memory before the call. It frees the memory after the call,
/// unless functions of the guest free their arguments themselves.
///
/// [`#[wasm_export]`](macro@crate::wasm_export) writes it for each parameter that is a reference.
/// Write it to call a function by its name:
///
/// ```
/// use host_runtime::{Imports, Runtime, values::Placed};
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(Imports::none()).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (memory (export "memory") 1)
///     (func (export "malloc") (param i32) (result i32) (i32.const 64))
///     (func (export "free") (param i32))
///     (func (export "first") (param i32 i32) (result i32) (i32.load8_u (local.get 0))))"#)?;
/// let text: Placed<&str> = "host".into();
/// assert_eq!(guest.call::<_, u8>("first", text)?, b'h');
/// # Ok(())
/// # }
/// ```
pub struct Placed<T, A = Malloc> {
    value: T,
    allocator: PhantomData<fn() -> A>,
}

impl<T, A> Placed<T, A> {
    /// Makes an argument.
    pub fn new(value: T) -> Self {
        Self {
            value,
            allocator: PhantomData,
        }
    }
}

impl<T, A> From<T> for Placed<T, A> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Copy, A> Clone for Placed<T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy, A> Copy for Placed<T, A> {}

impl<T: fmt::Debug, A> fmt::Debug for Placed<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Place, A: GuestDeallocator> IntoGuest for Placed<T, A> {
    type Wasm = T::Wasm;
    const VALID: () = panic!(
        "`Placed` is an argument of a function of the guest: as the result of a host function, \
         write `Allocated`"
    );
    const PLACED: bool = true;

    #[inline]
    fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<T::Wasm> {
        self.value.place(call, Deallocator::of::<A>())
    }
}

/// The types that can be [`Placed`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a guest's function",
    label = "this cannot be written to guest memory for a call",
    note = "write `&str`, `&CStr`, a reference to plain data, a slice of plain data, or an \
        `Option` of one of them"
)]
pub trait Place {
    /// The core values that the guest gets.
    #[doc(hidden)]
    type Wasm: CoreResults;

    /// Writes it to guest memory.
    #[doc(hidden)]
    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<Self::Wasm>;
}

/// The types that can be [`Placed`] and of which the guest gets a pointer and a length.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not passed as a pointer and a length",
    label = "expected `&str`, a slice of plain data, or an `Option` of one of them"
)]
pub trait PlaceSlice: Place<Wasm = Slice> {}

#[diagnostic::do_not_recommend]
impl<T: Place<Wasm = Slice>> PlaceSlice for T {}

impl Place for &str {
    type Wasm = Slice;

    #[inline]
    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<Slice> {
        self.as_bytes().place(call, by)
    }
}

impl<T: PlainData> Place for &[T] {
    type Wasm = Slice;

    #[inline]
    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<Slice> {
        const { check_element::<T>() };
        let pointer = call.place(bytemuck::cast_slice(self), align_of::<T>(), by)?;
        Ok((pointer, self.len().into()))
    }
}

impl Place for &CStr {
    type Wasm = GuestSize;

    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<GuestSize> {
        call.place(self.to_bytes_with_nul(), 1, by)
    }
}

impl<T: PlainData> Place for &T {
    type Wasm = GuestSize;

    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<GuestSize> {
        call.place(bytemuck::bytes_of(self), align_of::<T>(), by)
    }
}

/// A null pointer for `None`.
impl<T: Place<Wasm: Default>> Place for Option<T> {
    type Wasm = T::Wasm;

    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<T::Wasm> {
        match self {
            Some(value) => value.place(call, by),
            None => Ok(T::Wasm::default()),
        }
    }
}

impl<T: PlaceSlice> Place for PointerLow<T> {
    type Wasm = u64;

    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<u64> {
        let (pointer, length) = self.0.place(call, by)?;
        Ok(pack((pointer.narrow()?, length.narrow()?)))
    }
}

impl<T: PlaceSlice> Place for PointerHigh<T> {
    type Wasm = u64;

    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<u64> {
        let (pointer, length) = self.0.place(call, by)?;
        Ok(pack((length.narrow()?, pointer.narrow()?)))
    }
}

impl<T: PlaceSlice> Place for Indirect<T> {
    type Wasm = GuestSize;

    fn place(self, call: &mut Call<'_>, by: &'static Deallocator) -> wasmtime::Result<GuestSize> {
        let (pointer, length) = self.0.place(call, by)?;
        match call.address_type() {
            AddressType::I32 => (&[pointer.narrow()?, length.narrow()?]).place(call, by),
            AddressType::I64 => (&[pointer.0, length.0]).place(call, by),
        }
    }
}

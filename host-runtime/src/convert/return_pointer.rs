//! Results that are written to a return pointer.

use crate::{
    abi::{
        AddressType, CoreResults, CoreTypes, CoreValues, DeferredWrite, GuestSize, ReturnPointerAt,
        Slots, sealed,
    },
    call::Call,
    convert::{
        Allocated, FromGuest, GuestAllocator, GuestDeallocator, GuestLayout, IntoGuest, PlainData,
        allocated::{Address, MaybeAllocated},
        plain::read_plain,
        slice::Slice,
    },
};

/// A result that is written to the address which the guest passes as its first argument, as C and
/// Rust return a struct.
///
/// `T` is [`PlainData`], or [`Allocated`], of which the pointer and the length are written there.
/// The argument is not a parameter of the Rust function.
///
/// ```
/// use host_runtime::{PlainData, Runtime, imports, values::ReturnPointer, wasm_import};
///
/// #[derive(Clone, Copy, PlainData)]
/// #[repr(C)]
/// struct Size {
///     width: u32,
///     height: u32,
/// }
///
/// #[wasm_import(module = "window")]
/// fn size(scale: u32) -> ReturnPointer<Size> {
///     ReturnPointer(Size { width: 4 * scale, height: 3 * scale })
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let mut guest = Runtime::builder().imports(imports![size]).build()?.instantiate(r#"(module
///     (import "window" "size" (func $size (param $result i32) (param $scale i32)))
///     (memory (export "memory") 1)
///     (func (export "run") (call $size (i32.const 64) (i32.const 100))))"#)?;
/// guest.call::<(), ()>("run", ())?;
/// assert_eq!(guest.read(64u32, 8u32)?, bytemuck::cast_slice::<u32, u8>(&[400, 300]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnPointer<T>(pub T);

/// A result that is written to the address which the guest passes as its last argument, as
/// [WASI](https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md) and the component
/// model's [canonical
/// ABI](https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md) have
/// it; see [`ReturnPointer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastReturnPointer<T>(pub T);

/// The types that can be written to a return pointer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written through a return pointer",
    label = "this type has no layout in guest memory",
    note = "write plain data (a number, or a struct that implements `PlainData`) or `Allocated<…>`"
)]
pub trait Pointee {
    #[doc(hidden)]
    fn deferred(self, pointer: GuestSize) -> DeferredWrite;
}

/// The types that a function of the guest can write to a return pointer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read through a return pointer",
    label = "a guest's function does not write this to a return pointer",
    note = "write plain data, `String`, a `Vec` of plain data, or `Allocated<…>`"
)]
pub trait ReturnedPointee: Sized {
    /// The size and the alignment in guest memory.
    #[doc(hidden)]
    fn area(address_type: AddressType) -> (usize, usize);

    #[doc(hidden)]
    fn read_at(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<Self>;
}

impl<T: PlainData> ReturnedPointee for T {
    fn area(_: AddressType) -> (usize, usize) {
        (size_of::<T>(), align_of::<T>())
    }

    fn read_at(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        read_plain(pointer, call)
    }
}

/// Types that are passed as a pointer and a length.
macro_rules! returned_slice {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> ReturnedPointee for $ty {
            fn area(address_type: AddressType) -> (usize, usize) {
                let size = address_type.bytes();
                (2 * size, size)
            }

            fn read_at(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<Self> {
                let slice: Slice = call.read_slice(pointer)?;
                Self::from_guest(slice, call)
            }
        }
    )*};
}

returned_slice! {
    [] String;
    [T: PlainData] Vec<T>;
    [] Option<String>;
    [T: PlainData] Option<Vec<T>>;
    [T: GuestLayout<Returned = Slice>, A: GuestDeallocator] Allocated<T, A>;
    [T: GuestLayout<Returned = Slice>, A: GuestDeallocator] Option<Allocated<T, A>>;
}

impl<T: PlainData> Pointee for T {
    fn deferred(self, pointer: GuestSize) -> DeferredWrite {
        DeferredWrite::At {
            pointer,
            bytes: bytemuck::bytes_of(&self).to_vec(),
        }
    }
}

impl<T: GuestLayout, A: GuestAllocator> Pointee for Allocated<T, A> {
    fn deferred(self, pointer: GuestSize) -> DeferredWrite {
        allocated(self, pointer)
    }
}

impl<T: GuestLayout, A: GuestAllocator> Pointee for Option<Allocated<T, A>> {
    fn deferred(self, pointer: GuestSize) -> DeferredWrite {
        allocated(self, pointer)
    }
}

fn allocated<T: MaybeAllocated>(value: T, pointer: GuestSize) -> DeferredWrite {
    DeferredWrite::New {
        content: value.content(),
        form: T::Address::at(pointer),
    }
}

macro_rules! return_pointer {
    ($($outer:ident, $core:ident: $at:ident;)*) => {$(
        /// What a return pointer gets.
        #[doc(hidden)]
        pub struct $core(Option<DeferredWrite>);

        impl $core {
            /// Writes nothing.
            pub(super) fn nothing() -> Self {
                Self(None)
            }
        }

        impl sealed::Sealed for $core {}

        impl CoreResults for $core {
            const TYPES: CoreTypes = CoreTypes::NONE;
            const DEFERRED: bool = true;
            const RETURN_POINTER: ReturnPointerAt = ReturnPointerAt::$at;

            fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
                if let Some(write) = self.0 {
                    slots.put_deferred(0, write);
                }
                Ok(())
            }
        }

        impl CoreValues for $core {
            fn read(_: &mut Slots<'_>) -> Self {
                Self::nothing()
            }
        }

        /// A result of a guest's function, which writes it to memory that the host allocates.
        impl<T: ReturnedPointee> FromGuest<'_> for $outer<T> {
            type Wasm = $core;
            const VALID: () = panic!(
                "a return pointer is for a result: as a parameter of a host function, take \
                 `&mut T` of plain data"
            );
            const MEMORY: bool = true;
            const RETURN_AREA: Option<fn(AddressType) -> (usize, usize)> = Some(T::area);

            fn from_guest(_: $core, call: &mut Call<'_>) -> wasmtime::Result<Self> {
                let pointer = call.return_pointer();
                T::read_at(pointer, call).map(Self)
            }
        }

        impl<T: Pointee> IntoGuest for $outer<T> {
            type Wasm = $core;

            fn into_guest(self, call: &mut Call<'_>) -> wasmtime::Result<$core> {
                let pointer = call.return_pointer();
                Ok($core(Some(self.0.deferred(pointer))))
            }
        }
    )*};
}

return_pointer! {
    ReturnPointer, AtFirst: First;
    LastReturnPointer, AtLast: Last;
}

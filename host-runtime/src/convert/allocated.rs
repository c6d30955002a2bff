//! Results that are written to memory which the guest allocates.

use std::{borrow::Cow, ffi::CString, fmt, marker::PhantomData};

use crate::{
    abi::{
        Allocation, Allocator, Content, CoreResults, CoreType, CoreTypes, CoreValues, Deallocator,
        DeferredWrite, GuestSize, Placement, Slots, sealed,
    },
    call::Call,
    convert::{
        AssemblyScriptNew, AssemblyScriptStr, FromGuest, GuestAllocator, GuestDeallocator,
        Indirect, IntoGuest, Malloc, Nullable, PlainData, PointerHigh, PointerLow,
        allocator::STRING,
        plain::read_plain,
        slice::{Slice, byte_length},
    },
};

/// A result that is written to guest memory. The guest allocates the memory, by a function that it
/// exports.
///
/// `T` is `String`, `Cow<'static, str>` or a `Vec` of [`PlainData`], of which the guest gets a
/// pointer and a length; or `CString` or [`PlainData`] itself, of which it gets a pointer. As an
/// `Option` it is a null pointer for `None`. It comes as two results, or
///
/// * packed in one: [`PointerLow<Allocated<T>>`](PointerLow), [`PointerHigh`];
/// * as a pointer to both: [`Indirect<Allocated<T>>`](Indirect);
/// * written to where the guest says:
///   [`ReturnPointer<Allocated<T>>`](crate::values::ReturnPointer).
///
/// `A` is the function: [`Malloc`], [`CabiRealloc`](crate::values::CabiRealloc),
/// [`WbindgenMalloc`](crate::values::WbindgenMalloc), [`AssemblyScriptNew`], or one of your own.
/// The memory belongs to the guest, as if it had called that function itself, so the guest frees
/// it.
///
/// It is also the result of a guest's function whose memory the host frees: it is copied, and then
/// freed by [`GuestDeallocator::FREE`](crate::values::GuestDeallocator::FREE).
///
/// ```
/// use host_runtime::{Allocated, Runtime, imports, values::PointerLow, wasm_import};
///
/// #[wasm_import(module = "host")]
/// fn name() -> Allocated<String> {
///     "host".to_owned().into()
/// }
///
/// #[wasm_import(module = "host")]
/// fn version() -> PointerLow<Allocated<String>> {
///     PointerLow("1.0".to_owned().into())
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![name, version]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "host" "name" (func $name (result i32 i32)))
///     (import "host" "version" (func $version (result i64)))
///     (memory (export "memory") 1)
///     (global $free (mut i32) (i32.const 1024))
///     (func (export "malloc") (param $size i32) (result i32)
///         (global.get $free)
///         (global.set $free (i32.add (global.get $free) (local.get $size))))
///     (export "name" (func $name))
///     (export "version" (func $version)))"#)?;
/// let (pointer, length) = guest.call::<(), (u32, u32)>("name", ())?;
/// assert_eq!(guest.read(pointer, length)?, b"host");
/// let PointerLow((pointer, length)) = guest.call::<(), u64>("version", ())?.into();
/// assert_eq!(guest.read(pointer, length)?, b"1.0");
/// # Ok(())
/// # }
/// ```
pub struct Allocated<T, A = Malloc> {
    value: T,
    allocator: PhantomData<fn() -> A>,
}

impl<T, A> Allocated<T, A> {
    /// The value, of which the guest has freed its copy.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Makes a result that is written to guest memory.
    pub fn new(value: T) -> Self {
        Self {
            value,
            allocator: PhantomData,
        }
    }
}

impl<A> Allocated<Vec<u16>, A> {
    /// Text in UTF-16: a pointer and a length in 16-bit units.
    #[must_use]
    pub fn utf16(text: &str) -> Self {
        Self::new(text.encode_utf16().collect())
    }
}

impl<T, A> From<T> for Allocated<T, A> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug, A> fmt::Debug for Allocated<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A result that becomes a string of AssemblyScript, which [`AssemblyScriptNew`] allocates.
///
/// ```
/// use host_runtime::{values::AssemblyScriptString, wasm_import};
///
/// #[wasm_import]
/// fn name() -> AssemblyScriptString {
///     AssemblyScriptString("host".to_owned())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssemblyScriptString(pub String);

/// The types that can be [`Allocated`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written to guest memory",
    label = "this type has no layout in guest memory",
    note = "write `String`, `CString`, `Vec<u8>`, or plain data and a `Vec` of that"
)]
pub trait GuestLayout: Sized {
    /// Whether the guest gets the number of elements, or only the pointer.
    #[doc(hidden)]
    type Address: Address;

    /// The core values by which a function of the guest returns it.
    #[doc(hidden)]
    type Returned: CoreValues;

    #[doc(hidden)]
    const ALIGN: usize;

    /// The bytes, and the number of elements.
    #[doc(hidden)]
    fn layout(self) -> (Vec<u8>, usize);

    /// The pointer and the size in bytes, as far as the core values tell.
    #[doc(hidden)]
    fn extent(returned: &Self::Returned) -> (GuestSize, GuestSize);

    /// Copies a result of the guest.
    #[doc(hidden)]
    fn read(returned: Self::Returned, call: &mut Call<'_>) -> wasmtime::Result<Self>;
}

impl GuestLayout for String {
    type Address = Pair;
    type Returned = Slice;
    const ALIGN: usize = 1;

    fn layout(self) -> (Vec<u8>, usize) {
        let bytes = self.into_bytes();
        let len = bytes.len();
        (bytes, len)
    }

    fn extent(returned: &Slice) -> (GuestSize, GuestSize) {
        *returned
    }

    fn read(returned: Slice, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        Self::from_guest(returned, call)
    }
}

impl GuestLayout for Cow<'static, str> {
    type Address = Pair;
    type Returned = Slice;
    const ALIGN: usize = 1;

    fn layout(self) -> (Vec<u8>, usize) {
        self.into_owned().layout()
    }

    fn extent(returned: &Slice) -> (GuestSize, GuestSize) {
        *returned
    }

    fn read(returned: Slice, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        String::read(returned, call).map(Self::Owned)
    }
}

impl<T: PlainData> GuestLayout for Vec<T> {
    type Address = Pair;
    type Returned = Slice;
    const ALIGN: usize = align_of::<T>();

    fn layout(self) -> (Vec<u8>, usize) {
        (bytemuck::cast_slice(&self).to_vec(), self.len())
    }

    fn extent((pointer, length): &Slice) -> (GuestSize, GuestSize) {
        (*pointer, byte_length::<T>(*length).into())
    }

    fn read(returned: Slice, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        Self::from_guest(returned, call)
    }
}

impl GuestLayout for CString {
    type Address = Pointer;
    type Returned = GuestSize;
    const ALIGN: usize = 1;

    fn layout(self) -> (Vec<u8>, usize) {
        let bytes = self.into_bytes_with_nul();
        let len = bytes.len();
        (bytes, len)
    }

    /// Without the size. Functions that free text with a NUL do not need it.
    fn extent(pointer: &GuestSize) -> (GuestSize, GuestSize) {
        (*pointer, GuestSize(0))
    }

    fn read(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        Self::from_guest(pointer, call)
    }
}

impl<T: PlainData> GuestLayout for T {
    type Address = Pointer;
    type Returned = GuestSize;
    const ALIGN: usize = align_of::<T>();

    fn layout(self) -> (Vec<u8>, usize) {
        (bytemuck::bytes_of(&self).to_vec(), 1)
    }

    fn extent(pointer: &GuestSize) -> (GuestSize, GuestSize) {
        (*pointer, size_of::<T>().into())
    }

    fn read(pointer: GuestSize, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        read_plain(pointer, call)
    }
}

/// Core values that tell the address: [`Pair`] or [`Pointer`].
#[doc(hidden)]
pub trait Address: CoreResults {
    fn new(content: Option<Content>) -> Self;

    /// The same values, written to a return pointer.
    fn at(pointer: GuestSize) -> Placement;
}

macro_rules! placed {
    ($($(#[$docs:meta])* $name:ident: [$($core:ident)*], $form:ident;)*) => {$(
        $(#[$docs])*
        #[doc(hidden)]
        pub struct $name(Option<Content>);

        impl sealed::Sealed for $name {}

        impl CoreResults for $name {
            const TYPES: CoreTypes = CoreTypes::NONE$(.join(CoreTypes::one(CoreType::$core)))*;
            const DEFERRED: bool = true;

            fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
                let (content, form) = (self.0, Placement::$form);
                let write = DeferredWrite::New { content, form };
                slots.put_deferred(Self::TYPES.as_slice().len(), write);
                Ok(())
            }
        }
    )*};
}

placed! {
    /// A pointer and the number of elements.
    Pair: [Size Size], Pair;
    /// A pointer.
    Pointer: [Size], Pointer;
    /// A pointer to a [`Pair`].
    PairBehind: [Size], Indirect;
    /// A [`Pair`] in an `i64`.
    PackedLow: [I64], PointerLow;
    /// A [`Pair`] in an `i64`.
    PackedHigh: [I64], PointerHigh;
}

impl Address for Pair {
    fn new(content: Option<Content>) -> Self {
        Self(content)
    }

    fn at(pointer: GuestSize) -> Placement {
        Placement::PairAt(pointer)
    }
}

impl Address for Pointer {
    fn new(content: Option<Content>) -> Self {
        Self(content)
    }

    fn at(pointer: GuestSize) -> Placement {
        Placement::PointerAt(pointer)
    }
}

/// [`Allocated`], and an `Option` of it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not allocated in guest memory",
    label = "expected `Allocated<…>` or an `Option` of it",
    note = "write `Allocated<String>`, `Allocated<Vec<u8>>` or an `Option` of one of them here"
)]
pub trait MaybeAllocated {
    type Address: Address;

    fn content(self) -> Option<Content>;
}

impl<T: GuestLayout, A: GuestAllocator> MaybeAllocated for Allocated<T, A> {
    type Address = T::Address;

    fn content(self) -> Option<Content> {
        let (bytes, elements) = self.value.layout();
        Some(Content {
            bytes,
            elements: elements as u64,
            align: T::ALIGN,
            allocator: Allocator::of::<A>(),
        })
    }
}

impl<T: MaybeAllocated> MaybeAllocated for Option<T> {
    type Address = T::Address;

    fn content(self) -> Option<Content> {
        self.and_then(T::content)
    }
}

impl<T: GuestLayout, A: GuestAllocator> IntoGuest for Allocated<T, A> {
    type Wasm = T::Address;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<T::Address> {
        Ok(T::Address::new(self.content()))
    }
}

impl<T: GuestLayout, A: GuestAllocator> IntoGuest for Option<Allocated<T, A>> {
    type Wasm = T::Address;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<T::Address> {
        Ok(T::Address::new(self.content()))
    }
}

macro_rules! elsewhere {
    ($($outer:ident: $placed:ident;)*) => {$(
        impl<T: MaybeAllocated<Address = Pair>> IntoGuest for $outer<T> {
            type Wasm = $placed;

            fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<$placed> {
                Ok($placed(self.0.content()))
            }
        }
    )*};
}

elsewhere! {
    PointerLow: PackedLow;
    PointerHigh: PackedHigh;
    Indirect: PairBehind;
}

/// A result of a guest's function. The guest frees its memory once the value is copied.
impl<T: GuestLayout, A: GuestDeallocator> FromGuest<'_> for Allocated<T, A> {
    type Wasm = T::Returned;
    const VALID: () = panic!(
        "`Allocated` is the result of a function of the guest: as a parameter of a host function, \
         take the value itself, `String` for example"
    );
    const MEMORY: bool = true;

    fn from_guest(returned: T::Returned, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        let (pointer, size) = T::extent(&returned);
        let allocation = Allocation {
            pointer,
            size,
            align: T::ALIGN.into(),
        };
        call.release(allocation, Deallocator::of::<A>());
        T::read(returned, call).map(Self::new)
    }
}

impl<T: GuestLayout, A: GuestDeallocator> Nullable<'_> for Allocated<T, A> {
    fn is_null(returned: &T::Returned) -> bool {
        T::extent(returned).0.0 == 0
    }
}

impl FromGuest<'_> for AssemblyScriptString {
    type Wasm = u32;
    const MEMORY: bool = true;

    fn from_guest(pointer: u32, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        let units: Vec<u16> = Vec::from_guest(AssemblyScriptStr::extent(pointer, call)?, call)?;
        Ok(Self(String::from_utf16_lossy(&units)))
    }
}

impl IntoGuest for AssemblyScriptString {
    type Wasm = Pointer;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Pointer> {
        let units = Allocated::<_, AssemblyScriptNew<STRING>>::utf16(&self.0);
        Ok(Pointer::new(units.content()))
    }
}

//! Results that are written to memory which the guest allocates.

use std::{any::TypeId, borrow::Cow, ffi::CString, fmt, marker::PhantomData};

use crate::{
    abi::{
        Allocator, Content, CoreResults, CoreType, CoreTypes, CoreValues, DeferredWrite, GuestSize,
        Placement, Slots, sealed,
    },
    call::Call,
    convert::{Indirect, IntoGuest, PlainData, PointerHigh, PointerLow},
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
/// `A` is the function: [`Malloc`], [`CabiRealloc`], [`WbindgenMalloc`], [`AssemblyScriptNew`], or
/// an allocator of your own. The memory belongs to the guest, as if it had called that function
/// itself, so the guest frees it.
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

/// An exported function by which a guest allocates memory.
///
/// ```
/// use host_runtime::{Allocated, GuestSize, values::GuestAllocator, wasm_import};
///
/// /// `arena_alloc(align, size)`
/// struct Arena;
///
/// impl GuestAllocator for Arena {
///     const EXPORT: &'static str = "arena_alloc";
///     type Params = (GuestSize, GuestSize);
///
///     fn params(size: GuestSize, align: GuestSize) -> Self::Params {
///         (align, size)
///     }
/// }
///
/// #[wasm_import(module = "host")]
/// fn squares() -> Allocated<Vec<u32>, Arena> {
///     vec![1, 4, 9].into()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an allocator of a guest",
    label = "expected an allocator",
    note = "write `Malloc`, `CabiRealloc`, `WbindgenMalloc` or `AssemblyScriptNew`, or implement \
        `host_runtime::values::GuestAllocator` for a type of your own"
)]
pub trait GuestAllocator: 'static {
    /// The name of the export.
    const EXPORT: &'static str;

    /// The parameters of the function. It returns a pointer.
    type Params: CoreValues;

    /// The arguments to allocate `size` bytes with the alignment `align`.
    fn params(size: GuestSize, align: GuestSize) -> Self::Params;
}

impl Allocator {
    /// The one that a type stands for.
    pub(crate) fn of<A: GuestAllocator>() -> Self {
        Self {
            id: TypeId::of::<A>(),
            export: A::EXPORT,
            params: &<A::Params as CoreResults>::TYPES,
            pass: |size, align, slots| A::params(size, align).write(slots),
        }
    }
}

/// `malloc(size)` of C.
#[derive(Clone, Copy, Debug)]
pub struct Malloc;

impl GuestAllocator for Malloc {
    const EXPORT: &'static str = "malloc";
    type Params = GuestSize;

    fn params(size: GuestSize, _: GuestSize) -> GuestSize {
        size
    }
}

/// `cabi_realloc(old, old_size, align, size)`, as the component model's [canonical
/// ABI](https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md) has
/// it.
#[derive(Clone, Copy, Debug)]
pub struct CabiRealloc;

impl GuestAllocator for CabiRealloc {
    const EXPORT: &'static str = "cabi_realloc";
    type Params = (GuestSize, GuestSize, GuestSize, GuestSize);

    fn params(size: GuestSize, align: GuestSize) -> Self::Params {
        (GuestSize(0), GuestSize(0), align, size)
    }
}

/// `__wbindgen_malloc(size, align)`, as wasm-bindgen exports it.
#[derive(Clone, Copy, Debug)]
pub struct WbindgenMalloc;

impl GuestAllocator for WbindgenMalloc {
    const EXPORT: &'static str = "__wbindgen_malloc";
    type Params = (GuestSize, GuestSize);

    fn params(size: GuestSize, align: GuestSize) -> Self::Params {
        (size, align)
    }
}

/// `__new(size, class)`, as AssemblyScript's [runtime](https://www.assemblyscript.org/runtime.html)
/// exports it with `--exportRuntime`: an object of this class, an `ArrayBuffer` unless another is
/// given.
///
/// It may collect garbage, and nothing refers yet to an object that the same call has made before.
/// So make one object a call. AssemblyScript's functions have one result in any case.
#[derive(Clone, Copy, Debug)]
pub struct AssemblyScriptNew<const CLASS: u32 = 1>;

impl<const CLASS: u32> GuestAllocator for AssemblyScriptNew<CLASS> {
    const EXPORT: &'static str = "__new";
    type Params = (GuestSize, u32);

    fn params(size: GuestSize, _: GuestSize) -> Self::Params {
        (size, CLASS)
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

/// AssemblyScript's class number of strings.
const STRING: u32 = 2;

/// The types that can be [`Allocated`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written to guest memory",
    label = "this type has no layout in guest memory",
    note = "write `String`, `CString`, `Vec<u8>`, or plain data and a `Vec` of that"
)]
pub trait GuestLayout {
    /// Whether the guest gets the number of elements, or only the pointer.
    #[doc(hidden)]
    type Placed: Placed;

    /// The bytes, and the number of elements.
    #[doc(hidden)]
    fn layout(self) -> (Vec<u8>, usize);

    #[doc(hidden)]
    const ALIGN: usize;
}

impl GuestLayout for String {
    type Placed = Pair;
    const ALIGN: usize = 1;

    fn layout(self) -> (Vec<u8>, usize) {
        let bytes = self.into_bytes();
        let len = bytes.len();
        (bytes, len)
    }
}

impl GuestLayout for Cow<'static, str> {
    type Placed = Pair;
    const ALIGN: usize = 1;

    fn layout(self) -> (Vec<u8>, usize) {
        self.into_owned().layout()
    }
}

impl<T: PlainData> GuestLayout for Vec<T> {
    type Placed = Pair;
    const ALIGN: usize = align_of::<T>();

    fn layout(self) -> (Vec<u8>, usize) {
        (bytemuck::cast_slice(&self).to_vec(), self.len())
    }
}

impl GuestLayout for CString {
    type Placed = Pointer;
    const ALIGN: usize = 1;

    fn layout(self) -> (Vec<u8>, usize) {
        let bytes = self.into_bytes_with_nul();
        let len = bytes.len();
        (bytes, len)
    }
}

impl<T: PlainData> GuestLayout for T {
    type Placed = Pointer;
    const ALIGN: usize = align_of::<T>();

    fn layout(self) -> (Vec<u8>, usize) {
        (bytemuck::bytes_of(&self).to_vec(), 1)
    }
}

/// Core values that tell the address: [`Pair`] or [`Pointer`].
#[doc(hidden)]
pub trait Placed: CoreResults {
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

impl Placed for Pair {
    fn new(content: Option<Content>) -> Self {
        Self(content)
    }

    fn at(pointer: GuestSize) -> Placement {
        Placement::PairAt(pointer)
    }
}

impl Placed for Pointer {
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
    type Placed: Placed;

    fn content(self) -> Option<Content>;
}

impl<T: GuestLayout, A: GuestAllocator> MaybeAllocated for Allocated<T, A> {
    type Placed = T::Placed;

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
    type Placed = T::Placed;

    fn content(self) -> Option<Content> {
        self.and_then(T::content)
    }
}

impl<T: GuestLayout, A: GuestAllocator> IntoGuest for Allocated<T, A> {
    type Wasm = T::Placed;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<T::Placed> {
        Ok(T::Placed::new(self.content()))
    }
}

impl<T: GuestLayout, A: GuestAllocator> IntoGuest for Option<Allocated<T, A>> {
    type Wasm = T::Placed;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<T::Placed> {
        Ok(T::Placed::new(self.content()))
    }
}

macro_rules! elsewhere {
    ($($outer:ident: $placed:ident;)*) => {$(
        impl<T: MaybeAllocated<Placed = Pair>> IntoGuest for $outer<T> {
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

impl IntoGuest for AssemblyScriptString {
    type Wasm = Pointer;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Pointer> {
        let units = Allocated::<_, AssemblyScriptNew<STRING>>::utf16(&self.0);
        Ok(Pointer::new(units.content()))
    }
}

//! The exported functions by which guests allocate and free memory, as types.

use std::any::TypeId;

use crate::abi::{Allocation, Allocator, CoreResults, CoreValues, Deallocator, GuestSize, Pins};

/// AssemblyScript's class number of strings.
pub(super) const STRING: u32 = 2;

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

    /// The functions that keep an argument alive during a call, if the guest collects garbage.
    const PINS: Option<Pins> = None;

    /// The arguments to allocate `size` bytes with the alignment `align`.
    fn params(size: GuestSize, align: GuestSize) -> Self::Params;
}

/// An allocator of a guest, and the exported function that frees what it has allocated.
///
/// ```
/// use host_runtime::{
///     GuestSize,
///     values::{Allocation, GuestAllocator, GuestDeallocator},
/// };
///
/// /// `arena_alloc(align, size)` and `arena_free(pointer, size)`
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
/// impl GuestDeallocator for Arena {
///     const FREE: &'static str = "arena_free";
///     type FreeParams = (GuestSize, GuestSize);
///
///     fn free_params(memory: Allocation) -> Self::FreeParams {
///         (memory.pointer, memory.size)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot free what it has allocated in a guest",
    label = "expected an allocator that can free",
    note = "write `Malloc` or `WbindgenMalloc`, or implement \
        `host_runtime::values::GuestDeallocator` for a type of your own"
)]
pub trait GuestDeallocator: GuestAllocator {
    /// The name of the export that frees.
    const FREE: &'static str;

    /// The parameters of that function. It returns nothing.
    type FreeParams: CoreValues;

    /// Whether functions of the guest free their arguments themselves, as those of wasm-bindgen do.
    /// Then the host frees only results.
    const GUEST_FREES_ARGUMENTS: bool = false;

    /// The arguments to free memory.
    fn free_params(memory: Allocation) -> Self::FreeParams;
}

impl Allocator {
    /// The one that a type stands for.
    pub(crate) const fn of<A: GuestAllocator>() -> &'static Self {
        const {
            &Self {
                id: TypeId::of::<A>(),
                export: A::EXPORT,
                params: &<A::Params as CoreResults>::TYPES,
                pass: |size, align, slots| A::params(size, align).write(slots),
                pins: A::PINS,
            }
        }
    }
}

impl Deallocator {
    /// The one that a type stands for.
    pub(crate) const fn of<A: GuestDeallocator>() -> &'static Self {
        const {
            &Self {
                allocator: Allocator::of::<A>(),
                export: A::FREE,
                params: &<A::FreeParams as CoreResults>::TYPES,
                pass: |memory, slots| A::free_params(memory).write(slots),
                guest_frees_arguments: A::GUEST_FREES_ARGUMENTS,
            }
        }
    }
}

/// `malloc(size)` and `free(pointer)` of C.
#[derive(Clone, Copy, Debug)]
pub struct Malloc;

impl GuestAllocator for Malloc {
    const EXPORT: &'static str = "malloc";
    type Params = GuestSize;

    fn params(size: GuestSize, _: GuestSize) -> GuestSize {
        size
    }
}

impl GuestDeallocator for Malloc {
    const FREE: &'static str = "free";
    type FreeParams = GuestSize;

    fn free_params(memory: Allocation) -> GuestSize {
        memory.pointer
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

/// `__wbindgen_malloc(size, align)` and `__wbindgen_free(pointer, size, align)`, as wasm-bindgen
/// exports them. Functions of such a guest free their arguments themselves.
#[derive(Clone, Copy, Debug)]
pub struct WbindgenMalloc;

impl GuestAllocator for WbindgenMalloc {
    const EXPORT: &'static str = "__wbindgen_malloc";
    type Params = (GuestSize, GuestSize);

    fn params(size: GuestSize, align: GuestSize) -> Self::Params {
        (size, align)
    }
}

impl GuestDeallocator for WbindgenMalloc {
    const FREE: &'static str = "__wbindgen_free";
    type FreeParams = (GuestSize, GuestSize, GuestSize);
    const GUEST_FREES_ARGUMENTS: bool = true;

    fn free_params(memory: Allocation) -> Self::FreeParams {
        (memory.pointer, memory.size, memory.align)
    }
}

/// `__new(size, class)`, as AssemblyScript's [runtime](https://www.assemblyscript.org/runtime.html)
/// exports it with `--exportRuntime`: an object of this class, an `ArrayBuffer` unless another is
/// given.
///
/// It may collect garbage. An argument is kept alive by `__pin` until the call returns. Nothing
/// refers yet to a result of a host function. So a host function returns one object, as
/// AssemblyScript's functions have one result in any case.
#[derive(Clone, Copy, Debug)]
pub struct AssemblyScriptNew<const CLASS: u32 = 1>;

impl<const CLASS: u32> GuestAllocator for AssemblyScriptNew<CLASS> {
    const EXPORT: &'static str = "__new";
    type Params = (GuestSize, u32);
    const PINS: Option<Pins> = Some(Pins {
        pin: "__pin",
        unpin: "__unpin",
    });

    fn params(size: GuestSize, _: GuestSize) -> Self::Params {
        (size, CLASS)
    }
}

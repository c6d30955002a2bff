//! Converts Rust values from and to core values: the traits, and the types that implement them.

mod allocated;
mod allocator;
mod code;
mod global;
mod handle;
mod lift;
mod lower;
mod option;
mod out;
mod packed;
mod placed;
mod plain;
mod reference;
mod result;
mod return_pointer;
mod scalar;
pub(crate) mod slice;
mod text;

pub(crate) use self::packed::pack;
pub use self::{
    allocated::{Allocated, AssemblyScriptString, GuestLayout},
    allocator::{
        AssemblyScriptNew, CabiRealloc, GuestAllocator, GuestDeallocator, Malloc, WbindgenMalloc,
    },
    code::{ErrorCode, ResultCode, SuccessValue},
    global::{GlobalVal, GlobalValue},
    lift::{FromGuest, FromGuestOwned, Lift},
    lower::{IntoGuest, Lower},
    option::Nullable,
    out::OutBuffer,
    packed::{Indirect, PointerHigh, PointerLow, SliceList},
    placed::{Place, Placed},
    plain::{PlainData, plain_size},
    reference::{Extern, HostObject},
    result::{TrapError, trap},
    return_pointer::{LastReturnPointer, Pointee, ReturnPointer, ReturnedPointee},
    slice::SliceParameter,
    text::{AssemblyScriptStr, Utf16},
};

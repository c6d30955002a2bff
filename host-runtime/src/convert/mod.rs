//! Converts Rust values from and to core values: the traits, and the types that implement them.

mod allocated;
mod code;
mod global;
mod handle;
mod lift;
mod lower;
mod option;
mod out;
mod packed;
mod plain;
mod reference;
mod result;
mod return_pointer;
mod scalar;
pub(crate) mod slice;
mod text;

pub(crate) use self::packed::pack;
pub use self::{
    allocated::{
        Allocated, AssemblyScriptNew, AssemblyScriptString, CabiRealloc, GuestAllocator,
        GuestLayout, Malloc, WbindgenMalloc,
    },
    code::{ErrorCode, ResultCode, SuccessValue},
    global::{GlobalVal, GlobalValue},
    lift::{FromGuest, Lift},
    lower::{IntoGuest, Lower},
    option::Nullable,
    out::OutBuffer,
    packed::{Indirect, PointerHigh, PointerLow, SliceList},
    plain::{PlainData, plain_size},
    reference::HostObject,
    result::{TrapError, trap},
    return_pointer::{LastReturnPointer, Pointee, ReturnPointer},
    slice::SliceParameter,
    text::{AssemblyScriptStr, Utf16},
};

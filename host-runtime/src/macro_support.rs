//! The items that expansions of the attribute and macros of this crate name. Not public interface.

#[cfg(feature = "collect")]
pub use crate::registry::{Anchor, Collected};
pub use crate::{
    call::{Call, Hostcall},
    convert::Placed,
    convert::{FromGuest, IntoGuest, Lift, Lower, PlainData, ResultCode, plain_size, trap},
    error::invalid_number,
    exports::NamedExports,
    guest::AsGuest,
    guest::{Guest, GuestParameter},
    hostcall::{
        CallerContext, CallerParameter, GuestContext, Plain, PlainContext, Shim, ShimKind,
        WithCaller, WithGuest,
    },
    registry::{
        Declaration, Extras, GlobalImport, HostFunction, HostGlobal, HostImport, HostImports,
        Listed, MutableGlobal, NotLowered, Parameter, Probe, Record, Source, listed,
    },
    store::{StateMap, StateNeed},
    typed_exports::{
        BoundExports, CallOutcome, DeclaredExport, ExportParameter, ExportSet, GuestExports,
        allocator,
    },
};
pub use bytemuck;
pub use host_macros::imports;
#[cfg(feature = "collect")]
pub use inventory;
pub use wasmtime;

pub use crate::__collect as collect;

//! How a host function is called, from its record on.

use std::any::{Any, TypeId};

use wasmtime::Linker;

use crate::{
    hostcall::{Enter, EnterWithGuest, FunctionImport},
    registry::HostFunction,
    store::HostData,
};

/// How a function is called: by its shim.
pub(crate) enum Entry {
    /// By a linker of any store data.
    Plain {
        /// Defines the function with code of its own for the call, if that is worth its while.
        define: Option<Define>,
        enter: Enter,
    },
    /// By a linker of any store data, with the guest itself.
    Guest { enter: EnterWithGuest },
    /// By a linker whose store data is that of the function's `Caller` parameter.
    Caller {
        data: fn() -> TypeId,
        data_name: fn() -> &'static str,
        define: DefineWithCaller,
    },
}

/// [`define_inlined`](super::define_inlined) for one function.
pub(crate) type Define = fn(&mut Linker<HostData>, &FunctionImport) -> wasmtime::Result<()>;

/// [`define_with_caller`](super::define_with_caller) for one function.
pub(crate) type DefineWithCaller =
    fn(&mut dyn Any, &FunctionImport, &dyn Any) -> wasmtime::Result<()>;

impl HostFunction {
    /// How it is called.
    pub(crate) fn way(&self) -> &'static Entry {
        self.entry()
            .downcast_ref()
            .expect("all records are made here")
    }

    /// Whether it may call functions of the guest.
    pub(crate) fn calls_back(&self) -> bool {
        matches!(self.way(), Entry::Guest { .. })
    }
}

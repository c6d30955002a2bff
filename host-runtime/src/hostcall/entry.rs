//! The entry of a host function: the code that calls its shim.

use std::any::{Any, TypeId};

use wasmtime::Linker;

use crate::{
    hostcall::{Enter, EnterWithGuest, FunctionImport},
    registry::HostFunction,
    store::HostData,
};

/// How a function is called, by its kind.
pub(crate) enum Entry {
    /// A function of numbers, memory and states, in a linker of any store data.
    Plain {
        /// Defines the function with its shim inlined, if that makes calls faster.
        define: Option<Define>,
        enter: Enter,
    },
    /// A function that takes the `Guest`, in a linker of any store data.
    Guest { enter: EnterWithGuest },
    /// A function that takes the `Caller`, in a linker of that store data.
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
    /// The entry of the function.
    pub(crate) fn entry(&self) -> &'static Entry {
        self.any_entry()
            .downcast_ref()
            .expect("all records are made here")
    }

    /// Whether the function may call functions of the guest.
    pub(crate) fn calls_back(&self) -> bool {
        matches!(self.entry(), Entry::Guest { .. })
    }

    /// Whether the function takes the `Caller`.
    pub(crate) fn takes_caller(&self) -> bool {
        matches!(self.entry(), Entry::Caller { .. })
    }
}

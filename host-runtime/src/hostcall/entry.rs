//! How a host function is called, from its record on.

use std::any::{Any, TypeId, type_name};

use wasmtime::Linker;

use crate::{
    hostcall::{
        CallerShim, Enter, EnterWithGuest, FunctionImport, GuestShim, Shim, define_inlined,
        define_with_caller, enter, enter_with_guest,
    },
    registry::{CallShape, HostFunction},
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

/// [`define_inlined`] for one function.
type Define = fn(&mut Linker<HostData>, &FunctionImport) -> wasmtime::Result<()>;

/// [`define_with_caller`] for one function.
type DefineWithCaller = fn(&mut dyn Any, &FunctionImport, &dyn Any) -> wasmtime::Result<()>;

impl HostFunction {
    /// A function of numbers, memory and states: `F::FUNCTION`.
    #[doc(hidden)]
    #[must_use]
    pub const fn plain<F: Shim>() -> Self {
        let entry = const {
            // Beside the look at the memory the call through a pointer hardly counts, and code of
            // its own for each such function would take a third of the time that all
            // compile.
            let define: Option<Define> = if CallShape::of(&F::RECORD).numbers_only() {
                Some(define_inlined::<F>)
            } else {
                None
            };
            &Entry::Plain {
                define,
                enter: enter::<F>,
            }
        };
        Self::new(F::RECORD, entry)
    }

    /// A function that takes the guest itself: `F::FUNCTION`.
    #[doc(hidden)]
    #[must_use]
    pub const fn guest<F: GuestShim>() -> Self {
        let entry = const {
            &Entry::Guest {
                enter: enter_with_guest::<F>,
            }
        };
        Self::new(F::RECORD, entry)
    }

    /// A function that takes the `Caller`: `F::FUNCTION`.
    #[doc(hidden)]
    #[must_use]
    pub const fn caller<F: CallerShim>() -> Self {
        let shape = CallShape::of(&F::RECORD);
        assert!(
            !shape.result_references,
            "a host function that takes the `Caller` can return no reference: take `Guest<'_>` in \
             its place"
        );
        assert!(
            !shape.rooms,
            "a host function that takes the `Caller` can return nothing that lies in the guest's \
             memory: take `Guest<'_>` in its place"
        );
        let entry = const {
            &Entry::Caller {
                data: TypeId::of::<F::Data>,
                data_name: type_name::<F::Data>,
                define: define_with_caller::<F>,
            }
        };
        Self::new(F::RECORD, entry)
    }

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

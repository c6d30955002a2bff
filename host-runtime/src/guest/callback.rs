//! Callbacks: functions of the guest that it passes to the host.

use std::{fmt, marker::PhantomData};

use wasmtime::Func;

use crate::{
    abi::GuestSize,
    call::Call,
    convert::{FromGuest, Nullable},
    error::{CallbackError, ValueError},
    guest::Guest,
};

/// A function of the guest that takes `P` and returns `R`: a [`Callback`], a [`CallbackRef`], or
/// the name of an export.
///
/// `P` is what a host function can return, and `R` what it can take and own.
pub trait Callable<P, R> {
    #[doc(hidden)]
    fn resolve(&self, guest: &mut Guest<'_>) -> wasmtime::Result<Func>;

    /// The name of the export, if this is one.
    #[doc(hidden)]
    fn export(&self) -> Option<&str> {
        None
    }
}

/// A function of the guest as an index into its table, which is what a C function pointer is.
///
/// The guest exports its table as `__indirect_function_table`, according to the
/// [tool conventions](https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md), or as
/// `table`, as AssemblyScript does; or it imports a table that the runtime provides. Clang exports
/// the table by `-Wl,--export-table`, rustc by `-C link-arg=--export-table`, AssemblyScript by
/// `--exportTable`. The index has the type of a pointer; `Option<Callback<P, R>>` is `None` for a
/// null pointer. In AssemblyScript, where functions are objects, pass `callback.index`.
///
/// [`Guest::call`] calls it, and checks then that there is such a function of that type.
pub struct Callback<P, R> {
    index: u64,
    ty: PhantomData<fn(P) -> R>,
}

impl<P, R> Callback<P, R> {
    /// Makes a callback of an index into the guest's table.
    pub fn new(index: impl Into<GuestSize>) -> Self {
        Self {
            index: index.into().0,
            ty: PhantomData,
        }
    }

    /// The index that the guest passed.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }
}

impl<P, R> Clone for Callback<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for Callback<P, R> {}

impl<P, R> fmt::Debug for Callback<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Callback").field(&self.index).finish()
    }
}

impl<P, R> FromGuest<'_> for Callback<P, R> {
    type Wasm = GuestSize;

    #[inline]
    fn from_guest(index: GuestSize, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(Self {
            index: index.0,
            ty: PhantomData,
        })
    }
}

impl<P, R> Callable<P, R> for Callback<P, R> {
    fn resolve(&self, guest: &mut Guest<'_>) -> wasmtime::Result<Func> {
        Ok(guest.function_at(self.index)?)
    }
}

/// A function of the guest as a `funcref`; see [`Callback`].
pub struct CallbackRef<P, R> {
    func: Option<Func>,
    ty: PhantomData<fn(P) -> R>,
}

impl<P, R> Clone for CallbackRef<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for CallbackRef<P, R> {}

impl<P, R> fmt::Debug for CallbackRef<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallbackRef").field(&self.func).finish()
    }
}

impl<P, R> FromGuest<'_> for CallbackRef<P, R> {
    type Wasm = Option<Func>;

    fn from_guest(func: Option<Func>, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(Self {
            func,
            ty: PhantomData,
        })
    }
}

impl<P, R> Callable<P, R> for CallbackRef<P, R> {
    fn resolve(&self, guest: &mut Guest<'_>) -> wasmtime::Result<Func> {
        match self.func {
            Some(func) => guest.own_function(func),
            None => Err(ValueError::Callback(CallbackError::Null { index: None }).into()),
        }
    }
}

impl<P, R> Callable<P, R> for str {
    fn resolve(&self, guest: &mut Guest<'_>) -> wasmtime::Result<Func> {
        Ok(guest.function_called(self)?)
    }

    fn export(&self) -> Option<&str> {
        Some(self)
    }
}

impl<P, R> Nullable<'_> for Callback<P, R> {
    #[inline]
    fn is_null(index: &GuestSize) -> bool {
        index.0 == 0
    }
}

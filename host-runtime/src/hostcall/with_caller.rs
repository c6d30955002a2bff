//! Calls of host functions that take Wasmtime's `Caller`.

use std::{
    any::{Any, TypeId, type_name},
    marker::PhantomData,
    sync::Arc,
};

use wasmtime::Caller;

use crate::{
    call::Hostcall,
    hostcall::{
        Entry, Shim, ShimEntry, ShimKind,
        define::{FunctionSlots, define_with_caller},
        function_import::Lookup,
        memory::guest_memory,
        store_call::StoreCall,
    },
    store::HostData,
};

/// The kind of functions that take Wasmtime's `Caller` for the store data `T`.
#[doc(hidden)]
pub struct WithCaller<T>(PhantomData<fn() -> T>);

/// The context of their shims.
#[doc(hidden)]
pub struct CallerContext<'a, T: 'static> {
    /// `None` once the function has taken it.
    caller: Option<Caller<'a, T>>,
    call: StoreCall<'a>,
    project: &'a Projection<T>,
    lookup: &'a Lookup,
}

impl<T: 'static> ShimKind for WithCaller<T> {
    type Context<'a> = CallerContext<'a, T>;
    type Entry<F: Shim<Kind = Self>> = CallerEntry<T, F>;

    const STORE_RESULTS: bool = false;
}

#[doc(hidden)]
pub struct CallerEntry<T, F>(PhantomData<(fn() -> T, F)>);

impl<T: 'static, F: Shim<Kind = WithCaller<T>>> ShimEntry for CallerEntry<T, F> {
    const ENTRY: &'static (dyn Any + Send + Sync) = &Entry::Caller {
        data: TypeId::of::<T>,
        data_name: type_name::<T>,
        define: define_with_caller::<T, F>,
    };
}

/// Implemented by `fn(Caller<'_, T>)`. The attribute checks by it that a parameter which is written
/// `Caller<…>` is Wasmtime's. A function type allows lifetimes to be left out.
#[diagnostic::on_unimplemented(
    message = "this parameter is not Wasmtime's `Caller`",
    label = "the `Caller` goes here",
    note = "write `Caller<'_, T>` of `host_runtime::wasmtime`, where `T` is the type of the \
        store's data"
)]
#[doc(hidden)]
pub trait CallerParameter {
    type Data: 'static;
    type Caller<'a>;

    /// Returns the `Caller` as an associated type, so that rustc does not report a mismatch as well
    /// if the parameter has another type.
    fn pass(caller: Caller<'_, Self::Data>) -> Self::Caller<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: 'static> CallerParameter for fn(Caller<'_, T>) {
    type Data = T;
    type Caller<'a> = Caller<'a, T>;

    #[inline]
    fn pass(caller: Caller<'_, T>) -> Caller<'_, T> {
        caller
    }
}

/// Finds the [`HostData`] in the store data `T` of an embedder.
pub(crate) type Projection<T> = Arc<dyn Fn(&mut T) -> &mut HostData + Send + Sync>;

/// Calls a shim.
pub(super) fn call<T: 'static, F: Shim<Kind = WithCaller<T>>>(
    mut caller: Caller<'_, T>,
    slots: FunctionSlots<'_>,
    project: &Projection<T>,
    lookup: &Lookup,
) -> wasmtime::Result<()> {
    project(caller.data_mut()).guests().invalidate_cache();
    let mut references = if slots.callee().function.shape().references {
        Some(slots.references(&mut caller)?)
    } else {
        None
    };
    let mut cx = CallerContext {
        caller: Some(caller),
        call: StoreCall::new(slots, references.as_mut()),
        project,
        lookup,
    };
    let result = F::call(&mut cx);
    cx.call.finish(result)
}

impl<'a, T: 'static> CallerContext<'a, T> {
    /// Converts the parameters. None of them may borrow from the store, which the function gets.
    ///
    /// # Errors
    ///
    /// If a parameter cannot be converted.
    ///
    /// # Panics
    ///
    /// If the function has taken the caller.
    pub fn parameters<P>(
        &mut self,
        make: impl FnOnce(&mut Hostcall<'_>) -> wasmtime::Result<P>,
    ) -> wasmtime::Result<P> {
        let caller = self.caller.as_mut().expect(TAKEN);
        let project = &**self.project;
        let mut shared = None;
        let (memory, data) = if self.call.uses_memory() {
            let function = self.call.function();
            let (memory, data) = guest_memory(caller, &mut shared, function, self.lookup, project)?;
            (Some(memory), data)
        } else {
            (None, caller.data_mut())
        };
        let limits = project(data).limits();
        let (parameters, _) = self.call.parameters(memory, limits, make)?;
        Ok(parameters)
    }

    /// The caller, for the function.
    ///
    /// # Panics
    ///
    /// If the function has taken it.
    pub fn store(&mut self) -> Caller<'a, T> {
        self.caller.take().expect(TAKEN)
    }

    /// The call after the function has returned, to pass its result on.
    pub fn returned(&mut self) -> Hostcall<'_> {
        self.call.returned()
    }
}

/// The message of a panic if a shim takes the caller twice.
const TAKEN: &str = "a shim takes the caller once, after the parameters";

//! Defines host functions in a linker, and reads the slots that Wasmtime passes to them.

use std::{any::Any, mem::MaybeUninit, ptr::NonNull, sync::Arc};

use smallvec::SmallVec;
use wasmtime::{AsContextMut, Caller, Extern, Func, Linker, Store, Val, ValRaw, ValType};

use crate::{
    abi::{AddressType, CallReferences, LONGEST, Raw, Reference, ReturnPointerAt, Slots},
    guest::{self, Guest, PlacementError},
    hostcall::{
        Enter, EnterWithGuest, Entry, FunctionImport, Plain, Projection, Shim, WithCaller,
        access::{CallerAccess, Definer},
        error::with_import,
        plain::{self, PointedShim},
        with_caller,
        with_references::with_references,
    },
    registry::{CallShape, HostFunction},
    store::HostData,
};

/// The function that slots belong to, and the address type of the guest.
#[derive(Clone, Copy)]
pub(crate) struct Callee {
    pub(crate) function: &'static HostFunction,
    pub(crate) address_type: AddressType,
}

/// The slots of one call of a host function: its parameters, and room for its results.
///
/// It has the size of two words, so that it is passed in registers.
pub(crate) struct FunctionSlots<'a> {
    raw: Raw<'a>,
    callee: &'a Callee,
}

impl<'a> FunctionSlots<'a> {
    /// # Safety
    ///
    /// `raw` holds the parameters of `callee.function` for `callee.address_type`, and has room for
    /// its results.
    #[inline]
    unsafe fn new(raw: &'a mut [MaybeUninit<ValRaw>], callee: &'a Callee) -> Self {
        let raw = Raw::from(raw);
        let (parameters, results) = counts(callee.function.shape());
        raw.debug_assert_length(parameters.max(results));
        Self { raw, callee }
    }

    /// The function and the address type.
    #[inline]
    pub(crate) fn callee(&self) -> &'a Callee {
        self.callee
    }

    /// Reborrows the slots.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> FunctionSlots<'_> {
        FunctionSlots {
            raw: self.raw.reborrow(),
            callee: self.callee,
        }
    }

    /// Opens the slots to read the parameters and write the results.
    #[inline]
    pub(crate) fn open(self, references: Option<&'a mut CallReferences>) -> Slots<'a> {
        let shape = self.callee.function.shape();
        self.open_with(shape, references)
    }

    /// Checks that the slots belong to the function of the shim `F`.
    ///
    /// # Panics
    ///
    /// If they do not.
    #[inline]
    pub(crate) fn check<F: Shim>(&self) {
        if !std::ptr::eq(self.callee.function, F::FUNCTION) {
            other_function();
        }
    }

    /// Opens the slots of the function of a shim, whose shape is a constant.
    #[inline]
    pub(crate) fn open_for<F: Shim>(self, references: Option<&'a mut CallReferences>) -> Slots<'a> {
        self.check::<F>();
        self.open_with(const { F::FUNCTION.shape() }, references)
    }

    #[inline]
    fn open_with(self, shape: CallShape, references: Option<&'a mut CallReferences>) -> Slots<'a> {
        let (parameters, results) = counts(shape);
        // SAFETY: `shape` counts the parameters and results of the callee. By the contract of
        // `new`, the slots hold these parameters and have room for these results.
        let mut slots = unsafe {
            Slots::new(
                self.raw,
                parameters,
                results,
                self.callee.address_type,
                references,
            )
        };
        if matches!(shape.returns, ReturnPointerAt::First) {
            slots.skip();
        }
        slots
    }

    /// Makes the references that the guest passed in slots of reference types.
    pub(crate) fn references(
        &self,
        store: &mut impl AsContextMut,
    ) -> wasmtime::Result<CallReferences> {
        let Callee {
            function,
            address_type,
        } = *self.callee;
        let mut given = SmallVec::new();
        if !function.shape().references {
            return Ok(CallReferences::new(given));
        }
        for (index, ty) in function.param_types(address_type).enumerate() {
            if !ty.is_ref() {
                continue;
            }
            // SAFETY: `new` was told that the slots have the parameters of the function, of which
            // this is one.
            let slot = unsafe { self.raw.first().add(index) };
            // SAFETY: `new` was told that it is initialized.
            let raw = unsafe { slot.cast::<ValRaw>().read() };
            // SAFETY: `new` was told that it is of that type, and Wasmtime passed it in this store.
            let value = unsafe { Val::from_raw(&mut *store, raw, ty.clone()) };
            match Reference::of(store, value, &ty)? {
                Some(reference) => given.push(reference),
                None => wasmtime::bail!("host functions take no such reference"),
            }
        }
        Ok(CallReferences::new(given))
    }

    /// The slots of the results, to write once the function has returned.
    pub(super) fn results(&mut self) -> &mut [MaybeUninit<ValRaw>] {
        let (_, results) = counts(self.callee.function.shape());
        // SAFETY: `new` had the slots for `'a`, to write to as well, and was told that there is
        // room for the results.
        unsafe { NonNull::slice_from_raw_parts(self.raw.first(), results).as_mut() }
    }
}

/// Kept out of line: each shim contains the check.
#[cold]
#[inline(never)]
fn other_function() -> ! {
    panic!("the slots of another function")
}

/// The numbers of parameters and results of a function.
#[inline]
fn counts(shape: CallShape) -> (usize, usize) {
    (shape.parameters.into(), shape.results.into())
}

/// Defines a function by a closure that Wasmtime calls with the slots.
///
/// # Safety
///
/// Before `call` returns `Ok`, it has written results of the type of `function` for
/// `wanted.address_type` to the slots. A shim of the function does so: `Shim` says that it passes
/// on a result of the record's type.
unsafe fn define_raw<T: 'static>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &FunctionImport,
    call: impl Fn(Caller<'_, T>, FunctionSlots<'_>) -> wasmtime::Result<()> + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    let ty = wanted.func_type(function, linker.engine());
    let callee = Callee {
        function,
        address_type: wanted.address_type,
    };
    let call = move |caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
        // SAFETY: Wasmtime passes parameters of `ty`, which are those of the function's own type as
        // well, as it matches `ty`, and has room for as many results.
        let slots = unsafe { FunctionSlots::new(raw, &callee) };
        call(caller, slots)
    };
    let (module, name) = wanted.import(function);
    let Some(import) = wanted.name.clone() else {
        // SAFETY: `call` takes parameters and gives results of the function's own type, as the
        // contract of this function has it, and `FunctionImport::func_type` gives one which that
        // type matches.
        unsafe { linker.func_new_unchecked(module, name, ty, call) }?;
        return Ok(());
    };
    let call = move |caller: Caller<'_, T>, raw: &mut [MaybeUninit<ValRaw>]| {
        call(caller, raw).map_err(|error| with_import(error, function, &import))
    };
    // SAFETY: this `call` calls the one before, which takes such parameters and gives such results.
    unsafe { linker.func_new_unchecked(module, name, ty, call) }?;
    Ok(())
}

/// Defines a function in a linker of any store data.
pub(crate) fn define<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &FunctionImport,
    project: P,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    match *function.entry() {
        Entry::Plain { enter, .. } => define_pointed(linker, function, wanted, project, enter),
        Entry::Guest { enter } => define_with_guest(linker, function, wanted, project, enter),
        Entry::Caller { define, .. } => {
            let project: Projection<T> = Arc::new(project);
            define(linker, wanted, &project)
        }
    }
}

/// Defines a function in the linker of a [`Runtime`](crate::Runtime).
pub(crate) fn define_in_runtime(
    linker: &mut Linker<HostData>,
    function: &'static HostFunction,
    wanted: &FunctionImport,
) -> wasmtime::Result<()> {
    // The inlined code names the import of the function's record if the call fails.
    let never_fails = function.shape().infallible && function.state_needs().is_empty();
    match *function.entry() {
        Entry::Plain {
            define: Some(define),
            ..
        } if never_fails || wanted.name.is_none() => define(linker, wanted),
        _ => define(linker, function, wanted, |host| host),
    }
}

/// Defines `F`, which takes numbers only, in the linker of a [`Runtime`](crate::Runtime).
///
/// The shim is inlined into the closure: a call through a pointer, as in [`define_pointed`], takes
/// half as long again for numbers. This function is compiled once for each such host function of
/// a program, so code that does not need `F` is elsewhere.
pub(crate) fn define_inlined<F: Shim<Kind = Plain>>(
    linker: &mut Linker<HostData>,
    wanted: &FunctionImport,
) -> wasmtime::Result<()> {
    let function = F::FUNCTION;
    let ty = wanted.func_type(function, linker.engine());
    // The closure captures nothing, so that a call need not load anything.
    let call = |mut caller: Caller<'_, HostData>, raw: &mut [MaybeUninit<ValRaw>]| {
        let callee = const {
            &Callee {
                function: F::FUNCTION,
                // Numbers have the same slots for each address type.
                address_type: AddressType::I32,
            }
        };
        // SAFETY: Wasmtime passes parameters of `ty`, which are those of the function's own type as
        // well, as it matches `ty`, and has room for as many results.
        let slots = unsafe { FunctionSlots::new(raw, callee) };
        plain::call_inlined::<F>(slots, caller.data_mut())
    };
    let (module, name) = wanted.import(function);
    // SAFETY: `plain::call_inlined` calls the shim of the function with its slots; see
    // `define_raw`.
    unsafe { linker.func_new_unchecked(module, name, ty, call) }?;
    Ok(())
}

/// Defines a function in a linker of any store data, by a pointer to its shim.
fn define_pointed<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &FunctionImport,
    project: P,
    enter: Enter,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    let shape = function.shape();
    let shim = PointedShim {
        function,
        states: function.state_needs(),
        lookup: wanted.lookup(function),
        project,
        enter,
    };
    // Each case has its own closure, so that calls do not check what is known here.
    if shape.references() {
        // SAFETY: `shim` calls the shim of the function with its slots, and `with_references`
        // writes the results that the shim leaves.
        return unsafe {
            define_raw(linker, function, wanted, move |mut caller, slots| {
                let run =
                    |caller: &mut Caller<'_, T>, slots: FunctionSlots<'_>, references: &mut _| {
                        shim.call(caller, slots, shape.memory, Some(references))
                    };
                with_references(&mut caller, &shim.project, &shim.lookup, slots, run)
            })
        };
    }
    if shape.memory {
        // SAFETY: `shim` calls the shim of the function with its slots.
        return unsafe {
            define_raw(linker, function, wanted, move |mut caller, slots| {
                shim.call(&mut caller, slots, true, None)
            })
        };
    }
    // SAFETY: `shim` calls the shim of the function with its slots.
    unsafe {
        define_raw(linker, function, wanted, move |mut caller, slots| {
            shim.call(&mut caller, slots, false, None)
        })
    }
}

/// Defines a function that takes the [`Guest`], in a linker of any store data.
fn define_with_guest<T, P>(
    linker: &mut Linker<T>,
    function: &'static HostFunction,
    wanted: &FunctionImport,
    project: P,
    enter: EnterWithGuest,
) -> wasmtime::Result<()>
where
    T: 'static,
    P: Fn(&mut T) -> &mut HostData + Send + Sync + 'static,
{
    let lookup = wanted.lookup(function);
    let (address_type, shape) = (wanted.address_type, function.shape());
    let project = Arc::new(project);
    let definer = definer(Arc::clone(&project) as Projection<T>, wanted);
    // SAFETY: `enter` calls the shim of the function with its slots, and `with_references` writes
    // the results that the shim leaves.
    unsafe {
        define_raw(linker, function, wanted, move |mut caller, slots| {
            let project = &*project;
            let run = |caller: &mut Caller<'_, T>,
                       slots: FunctionSlots<'_>,
                       references: Option<&mut CallReferences>| {
                let access = CallerAccess::new(caller, project, &lookup);
                let mut access = access.defining(&*definer);
                enter(slots, Guest::new(&mut access, address_type), references)
            };
            if !shape.references() {
                return run(&mut caller, slots, None);
            }
            let run = |caller: &mut Caller<'_, T>, slots: FunctionSlots<'_>, references: &mut _| {
                run(caller, slots, Some(references))
            };
            with_references(&mut caller, project, &lookup, slots, run)
        })
    }
}

/// Returns what makes functions of a store, for guests that are like the one of `like`. It does not
/// depend on the type of the projection: the functions may make others.
fn definer<T: 'static>(project: Projection<T>, like: &FunctionImport) -> Box<Definer<T>> {
    let wanted = FunctionImport {
        ty: None,
        ..like.clone()
    };
    Box::new(move |caller, function| {
        let mut linker = Linker::new(caller.engine());
        let project = Arc::clone(&project);
        define(&mut linker, function, &wanted, move |data| project(data))?;
        made(&linker, caller, function)
    })
}

/// Makes a function of the store of a [`Runtime`](crate::Runtime), for an instance.
pub(crate) fn make_in_runtime(
    store: &mut Store<HostData>,
    function: &'static HostFunction,
    wanted: &FunctionImport,
) -> wasmtime::Result<Func> {
    let mut linker = Linker::new(store.engine());
    define_in_runtime(&mut linker, function, wanted)?;
    made(&linker, store, function)
}

/// The function of a store that a linker defines.
fn made<T: 'static>(
    linker: &Linker<T>,
    store: impl AsContextMut<Data = T>,
    function: &HostFunction,
) -> wasmtime::Result<Func> {
    match linker.get(store, function.module(), function.name())? {
        Extern::Func(func) => Ok(func),
        _ => wasmtime::bail!("the linker has not defined {function}"),
    }
}

/// Defines a function that takes the `Caller`, in a `Linker<T>` with a `Projection<T>`.
pub(crate) fn define_with_caller<T: 'static, F: Shim<Kind = WithCaller<T>>>(
    linker: &mut dyn Any,
    wanted: &FunctionImport,
    project: &dyn Any,
) -> wasmtime::Result<()> {
    let function = F::FUNCTION;
    let (Some(linker), Some(project)) = (
        linker.downcast_mut::<Linker<T>>(),
        project.downcast_ref::<Projection<T>>(),
    ) else {
        wasmtime::bail!("{function} is for another store data");
    };
    let project = Arc::clone(project);
    let lookup = wanted.lookup(function);
    // SAFETY: `with_caller::call` calls the shim of the function with its slots.
    unsafe {
        define_raw(linker, function, wanted, move |caller, slots| {
            with_caller::call::<T, F>(caller, slots, &project, &lookup)
        })
    }
}

/// The slots of a call without a store. Such a function takes and returns numbers only.
pub(crate) struct MockSlots {
    raw: Vec<MaybeUninit<ValRaw>>,
    callee: Callee,
}

impl MockSlots {
    /// Converts the arguments; `None` if they do not have the function's type.
    pub(crate) fn new(
        function: &'static HostFunction,
        address_type: AddressType,
        arguments: &[Val],
    ) -> Option<Self> {
        let types: Vec<_> = function.param_types(address_type).collect();
        let raw = arguments
            .iter()
            .zip(&types)
            .map(|(argument, ty)| raw(argument, ty));
        let mut raw: Vec<_> = raw.collect::<Option<_>>()?;
        raw.resize(types.len().max(LONGEST), MaybeUninit::new(ValRaw::v128(0)));
        (arguments.len() == types.len()).then_some(Self {
            raw,
            callee: Callee {
                function,
                address_type,
            },
        })
    }

    pub(crate) fn slots(&mut self) -> FunctionSlots<'_> {
        // SAFETY: `new` has made parameters of the function's types, and there is room for
        // `LONGEST` results, which is the most that a function has.
        unsafe { FunctionSlots::new(&mut self.raw, &self.callee) }
    }

    /// Writes results to guest memory that the shim has left for this.
    pub(crate) fn place(
        &mut self,
        guest: Guest<'_>,
        references: &mut CallReferences,
    ) -> Result<(), PlacementError> {
        guest::place(guest, references, &mut self.raw)
    }

    /// The results.
    pub(crate) fn values(&self) -> Vec<Val> {
        let types = self.callee.function.result_types(self.callee.address_type);
        let values = self.raw.iter().zip(types).map(|(slot, ty)| {
            // SAFETY: `new` has written all slots, and only values are written since.
            let raw = unsafe { slot.assume_init() };
            match ty {
                ValType::I32 => Val::I32(raw.get_i32()),
                ValType::I64 => Val::I64(raw.get_i64()),
                ValType::F32 => Val::F32(raw.get_f32()),
                ValType::F64 => Val::F64(raw.get_f64()),
                _ => Val::V128(raw.get_v128().into()),
            }
        });
        values.collect()
    }
}

/// Converts a number to a slot, if the number has that type.
fn raw(argument: &Val, ty: &ValType) -> Option<MaybeUninit<ValRaw>> {
    Some(MaybeUninit::new(match (argument, ty) {
        (Val::I32(value), ValType::I32) => ValRaw::i32(*value),
        (Val::I64(value), ValType::I64) => ValRaw::i64(*value),
        (Val::F32(bits), ValType::F32) => ValRaw::f32(*bits),
        (Val::F64(bits), ValType::F64) => ValRaw::f64(*bits),
        (Val::V128(value), ValType::V128) => ValRaw::v128(value.as_u128()),
        _ => return None,
    }))
}

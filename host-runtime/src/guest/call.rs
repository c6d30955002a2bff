//! Calls of a guest's functions: passes arguments, and converts results.

use std::marker::PhantomData;

use wasmtime::Func;

use crate::{
    abi::{
        AddressType, Allocation, CallReferences, CoreResults, CoreType, CoreTypes, CoreValues,
        Deallocator, GuestSize, ReturnPointerAt,
    },
    call::{Call, Direction, PlaceArguments, Release, Releases},
    convert::{FromGuest, FromGuestOwned, IntoGuest},
    error::{CallbackError, ExportError, ValueError},
    guest::{Callable, Guest, placement::place_arguments},
    message,
    store::{CallType, CheckedFunc, GuestCall, Limits},
};

/// The signature of a function that takes `P` and returns `R`.
pub(crate) struct Signature<P, R>(PhantomData<fn(P) -> R>);

impl<P: IntoGuest, R: FromGuestOwned> Signature<P, R> {
    const RETURNS: ReturnPointerAt =
        <<R as FromGuest<'static>>::Wasm as CoreResults>::RETURN_POINTER;

    pub(crate) const PARAMS: CoreTypes = {
        let params = <P::Wasm as CoreResults>::TYPES;
        match Self::RETURNS {
            ReturnPointerAt::None => params,
            ReturnPointerAt::First => CoreTypes::one(CoreType::Size).join(params),
            ReturnPointerAt::Last => params.join(CoreTypes::one(CoreType::Size)),
        }
    };

    pub(crate) const RESULTS: CoreTypes = <<R as FromGuest<'static>>::Wasm as CoreResults>::TYPES;

    /// Whether references are passed, or arguments that are written to guest memory later.
    const REFERENCES: bool =
        P::Wasm::DEFERRED || Self::PARAMS.references || Self::RESULTS.references;

    /// Whether the result is a number, which has no part in guest memory.
    const NUMBER_RESULT: bool = !(R::MEMORY || Self::RESULTS.references);

    /// Whether only such numbers are passed.
    const NUMBERS: bool = !P::PLACED && !Self::REFERENCES && Self::NUMBER_RESULT;

    /// Fails to compile if a call by name has no allocator for the result.
    pub(crate) const BY_NAME: () = assert!(
        !Self::RETURN_AREA,
        "a function that writes its result to a return pointer needs memory for it: declare the \
         function in a trait with `#[wasm_export(allocator = …)]`"
    );

    /// Whether the host allocates memory for the result.
    pub(crate) const RETURN_AREA: bool = !matches!(Self::RETURNS, ReturnPointerAt::None);

    /// The type for a guest of this address type.
    #[inline]
    pub(crate) fn ty(address_type: AddressType) -> CallType {
        const {
            assert!(
                matches!(P::Wasm::RETURN_POINTER, ReturnPointerAt::None),
                "a return pointer is for the result of a function, not for an argument"
            );
        }
        CallType::new(
            const { &Self::PARAMS },
            const { &Self::RESULTS },
            address_type,
        )
    }
}

/// Writes arguments that are numbers.
#[inline]
pub(crate) fn write_numbers<P: IntoGuest>(
    params: P,
    guest_call: &mut GuestCall<'_>,
    ty: CallType,
) -> wasmtime::Result<()> {
    let limits = Limits::of_result(0);
    let mut call = Call::new(None, ty.address_type(), limits, Direction::IntoHost);
    let wasm = params.into_guest(&mut call)?;
    wasm.write(&mut guest_call.parameters(ty, None))
}

/// Reads a result that is a number.
#[inline]
pub(crate) fn read_numbers<R: FromGuestOwned>(
    guest_call: &mut GuestCall<'_>,
    address_type: AddressType,
) -> wasmtime::Result<R> {
    let limits = Limits::of_result(0);
    let mut call = Call::new(None, address_type, limits, Direction::IntoHost);
    let wasm = <R as FromGuest<'_>>::Wasm::read(&mut guest_call.results(None));
    R::from_guest(wasm, &mut call)
}

impl<P: IntoGuest, R: FromGuestOwned> Signature<P, R> {
    /// Calls a function with numbers, if it takes and returns nothing else.
    #[inline]
    pub(crate) fn call_with_numbers(
        func: &CheckedFunc,
        params: P,
        address_type: AddressType,
        make: impl FnOnce(&mut GuestCall<'_>) -> wasmtime::Result<()>,
    ) -> wasmtime::Result<R> {
        let ty = Self::ty(address_type);
        let mut call = GuestCall::new(func, ty);
        write_numbers(params, &mut call, ty)?;
        make(&mut call)?;
        read_numbers(&mut call, address_type)
    }

    /// Whether [`call_with_numbers`](Self::call_with_numbers) can call it.
    pub(crate) const IS_NUMBERS: bool = Self::NUMBERS;
}

impl Guest<'_> {
    /// Calls a function of the guest: a callback, or an export by its name.
    ///
    /// It takes what a host function can return, and [`Placed`](crate::values::Placed). It returns
    /// what a host function can take, if that does not borrow from the guest.
    ///
    /// # Errors
    ///
    /// [`ExportError`] if the guest exports no function of that name and type;
    /// [`ValueError::Callback`] if its table has none at the index of a callback;
    /// [`GuestCallError`](crate::errors::GuestCallError) if too many nested calls are running;
    /// [`AllocationError`](crate::errors::AllocationError) if the guest cannot allocate memory for
    /// an argument; [`ValueError`] if the result is not valid; otherwise the trap of the function,
    /// which a host function normally returns.
    pub fn call<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        callback: &(impl Callable<P, R> + ?Sized),
        params: P,
    ) -> anyhow::Result<R> {
        const { Signature::<P, R>::BY_NAME };
        let called = self.call_func(callback, params);
        called.map_err(into_anyhow)
    }

    fn call_func<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        callback: &(impl Callable<P, R> + ?Sized),
        params: P,
    ) -> wasmtime::Result<R> {
        let ty = Signature::<P, R>::ty(self.address_type);
        let func = if let Some(name) = callback.export() {
            self.exported_func(name, ty)?
        } else {
            let func = callback.resolve(self)?;
            self.check(func, ty).map_err(|found| {
                let wanted = ty.to_string();
                ValueError::Callback(CallbackError::OtherType { found, wanted })
            })?
        };
        self.call_checked(&func, params, None)
    }

    /// Looks up an exported function, once for each name and type in a store of one instance.
    pub(crate) fn exported_func(
        &mut self,
        name: &str,
        ty: CallType,
    ) -> Result<CheckedFunc, ExportError> {
        if let Some(known) = self.host().guests().function(name, ty) {
            return Ok(known);
        }
        let func = self.function_called(name)?;
        let func = self
            .check(func, ty)
            .map_err(|found| ExportError::OtherType {
                name: name.to_owned(),
                found,
                wanted: ty.to_string(),
            })?;
        self.host().guests().keep_function(name, func);
        Ok(func)
    }

    /// Checks that a function has this type. Returns its own type in the text format if not.
    #[inline]
    pub(super) fn check(&mut self, func: Func, ty: CallType) -> Result<CheckedFunc, String> {
        let Some(store) = self.access.store() else {
            return Err("of no store".to_owned());
        };
        let found = store.func_type(&func);
        CheckedFunc::new(func, &found, ty)
            .ok_or_else(|| message::shortened(message::func_type(found.params(), found.results())))
    }

    /// Calls a function whose type was checked. `by` allocates memory for a result that the
    /// function writes to a return pointer.
    #[inline]
    pub(crate) fn call_checked<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        func: &CheckedFunc,
        params: P,
        by: Option<&'static Deallocator>,
    ) -> wasmtime::Result<R> {
        if const { Signature::<P, R>::NUMBERS } {
            let address_type = self.address_type;
            return Signature::<P, R>::call_with_numbers(func, params, address_type, |call| {
                self.access.call(self.budget, call)
            });
        }
        let mut releases = Releases::new();
        let returned = self.call_with_values(func, params, by, &mut releases);
        let freed = self.release(releases);
        returned.and_then(|value| freed.map(|()| value))
    }

    /// Calls a function with any values. The caller gives up the `releases`, also after an error.
    fn call_with_values<P: IntoGuest, R: FromGuestOwned>(
        &mut self,
        func: &CheckedFunc,
        params: P,
        by: Option<&'static Deallocator>,
        releases: &mut Releases,
    ) -> wasmtime::Result<R> {
        let ty = Signature::<P, R>::ty(self.address_type);
        let mut call = GuestCall::new(func, ty);
        let area = match (<R as FromGuest<'static>>::RETURN_AREA, by) {
            (None, _) => GuestSize(0),
            (Some(area), Some(by)) => self.allocate_area(area(self.address_type), by, releases)?,
            (Some(_), None) => wasmtime::bail!("there is no allocator for the result"),
        };
        let wasm = if P::PLACED {
            let address_type = self.address_type;
            let limits = Limits::of_result(0);
            let mut placer = Placer {
                guest: self,
                releases,
            };
            let direction = Direction::IntoGuest(&mut placer);
            params.into_guest(&mut Call::new(None, address_type, limits, direction))?
        } else {
            let left = self.budget();
            let limits = Limits::of_result(left);
            let direction = Direction::IntoHost;
            params.into_guest(&mut Call::new(None, self.address_type, limits, direction))?
        };
        // Most calls pass none.
        let mut references = const { Signature::<P, R>::REFERENCES }.then(CallReferences::default);
        {
            let mut slots = call.parameters(ty, references.as_mut());
            match Signature::<P, R>::RETURNS {
                ReturnPointerAt::None => wasm.write(&mut slots)?,
                ReturnPointerAt::First => {
                    area.write(&mut slots)?;
                    wasm.write(&mut slots)?;
                }
                ReturnPointerAt::Last => {
                    wasm.write(&mut slots)?;
                    area.write(&mut slots)?;
                }
            }
        }
        let mut returned = None;
        if let Some(mut references) = references {
            if P::Wasm::DEFERRED {
                place_arguments(self, &mut references, call.numbers(), releases)?;
            }
            returned = Some(self.call_with_references(&mut call, references)?);
        } else {
            self.access.call(self.budget, &mut call)?;
        }
        if const { Signature::<P, R>::NUMBER_RESULT } {
            return read_numbers(&mut call, self.address_type);
        }
        self.with_memory(R::MEMORY, Some(releases), |result| {
            result.set_return_pointer(area);
            let wasm = <R as FromGuest<'_>>::Wasm::read(&mut call.results(returned.as_mut()));
            R::from_guest(wasm, result)
        })
    }

    fn call_with_references(
        &mut self,
        call: &mut GuestCall<'_>,
        references: CallReferences,
    ) -> wasmtime::Result<CallReferences> {
        if !call.ty().has_references() {
            self.access.call(self.budget, call)?;
            return Ok(CallReferences::default());
        }
        let Some(store) = self.access.store() else {
            wasmtime::bail!("a mock guest has no references");
        };
        let made = store.make_references(references, &call.func())?;
        for value in made.given() {
            if !self.access.owns(value)? {
                return Err(ValueError::OtherStore.into());
            }
        }
        self.access.call_with_references(self.budget, call, made)
    }

    /// Allocates memory for a result that the function writes to a return pointer.
    fn allocate_area(
        &mut self,
        (size, align): (usize, usize),
        by: &'static Deallocator,
        releases: &mut Releases,
    ) -> wasmtime::Result<GuestSize> {
        let (size, align) = (size.into(), align.into());
        let pointer = self.allocate_by(by.allocator, size, align)?;
        let area = Allocation {
            pointer,
            size,
            align,
        };
        releases.push(Release::Free(area, by));
        Ok(pointer)
    }

    /// Frees and unpins what a call no longer needs. If that fails, it goes on with the others, and
    /// returns the first error.
    fn release(&mut self, releases: Releases) -> wasmtime::Result<()> {
        let mut outcome = Ok(());
        for release in releases.into_iter().rev() {
            outcome = outcome.and(match release {
                Release::Free(memory, by) => self.free_by(by, memory),
                Release::Unpin(pointer, allocator) => self.unpin(pointer, allocator),
            });
        }
        outcome
    }
}

/// Writes the arguments of one call.
struct Placer<'g, 'a> {
    guest: &'g mut Guest<'a>,
    releases: &'g mut Releases,
}

impl PlaceArguments for Placer<'_, '_> {
    fn place(
        &mut self,
        bytes: &[u8],
        align: GuestSize,
        by: &'static Deallocator,
    ) -> wasmtime::Result<GuestSize> {
        self.guest.place(bytes, align, by, self.releases)
    }
}

/// Kept out of line, so that a call which succeeds stays small.
#[cold]
#[inline(never)]
pub(crate) fn into_anyhow(error: wasmtime::Error) -> anyhow::Error {
    error.into()
}

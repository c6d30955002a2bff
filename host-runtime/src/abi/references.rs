//! The parts of a call that need the whole store. A shim cannot reach the store: it borrows the
//! memory and the states.
//!
//! Wasmtime converts between slots and references only with the store. So the references that the
//! guest passed are made before the shim is called, and those that it gets after the call. Results
//! are also written to guest memory after the call, because the guest allocates the memory.

use std::{any::Any, mem::MaybeUninit, sync::Arc};

use smallvec::SmallVec;
use wasmtime::{
    AnyRef, ArrayRef, AsContext, AsContextMut, EqRef, ExnRef, ExternRef, Func, HeapType, I31,
    RefType, Rooted, StructRef, Val, ValRaw, ValType,
};

use crate::abi::DeferredWrite;

/// A host object behind an `externref`.
pub(crate) type Object = Arc<dyn Any + Send + Sync>;

/// The content of the `externref` of a host object. The type tells it from an embedder's objects.
struct WrappedObject(Object);

/// Makes an `externref` of a host object.
pub(crate) fn wrap_object(
    store: impl AsContextMut,
    object: Object,
) -> wasmtime::Result<Rooted<ExternRef>> {
    ExternRef::new(store, WrappedObject(object))
}

/// Returns the host object of an `externref`, if it is one.
pub(crate) fn unwrap_object(
    store: &impl AsContext,
    reference: Rooted<ExternRef>,
) -> wasmtime::Result<Option<Object>> {
    let data = reference.data(store.as_context())?;
    let unwrap_object = data.and_then(|data| data.downcast_ref::<WrappedObject>());
    Ok(unwrap_object.map(|unwrap_object| Arc::clone(&unwrap_object.0)))
}

/// A reference that the guest passes or gets.
#[doc(hidden)]
#[derive(Clone)]
pub enum Reference {
    Func(Option<Func>),
    /// With its host object. If the guest gets it, the `externref` may not be made yet.
    Extern(Option<Rooted<ExternRef>>, Option<Object>),
    Any(Option<Rooted<AnyRef>>),
    Eq(Option<Rooted<EqRef>>),
    I31(Option<I31>),
    Struct(Option<Rooted<StructRef>>),
    Array(Option<Rooted<ArrayRef>>),
    Exn(Option<Rooted<ExnRef>>),
}

impl Reference {
    /// Converts a value of this type, if it is a reference.
    pub(crate) fn of(
        store: &mut impl AsContextMut,
        value: Val,
        ty: &ValType,
    ) -> wasmtime::Result<Option<Self>> {
        Ok(Some(match value {
            Val::FuncRef(func) => Self::Func(func),
            Val::AnyRef(reference) => Self::any(store, reference, ty)?,
            Val::ExnRef(reference) => Self::Exn(reference),
            Val::ExternRef(reference) => {
                let object = match &reference {
                    Some(reference) => unwrap_object(&*store, *reference)?,
                    None => None,
                };
                Self::Extern(reference, object)
            }
            _ => return Ok(None),
        }))
    }

    /// Converts a reference of the hierarchy of `any`.
    fn any(
        store: &mut impl AsContextMut,
        reference: Option<Rooted<AnyRef>>,
        ty: &ValType,
    ) -> wasmtime::Result<Self> {
        let heap = ty.as_ref().map(RefType::heap_type);
        Ok(match (heap, reference) {
            (Some(HeapType::Eq), None) => Self::Eq(None),
            (Some(HeapType::Eq), Some(any)) => Self::Eq(any.as_eqref(&mut *store)?),
            (Some(HeapType::I31), None) => Self::I31(None),
            (Some(HeapType::I31), Some(any)) => Self::I31(any.as_i31(&*store)?),
            (Some(HeapType::Struct), None) => Self::Struct(None),
            (Some(HeapType::Struct), Some(any)) => Self::Struct(any.as_struct(&*store)?),
            (Some(HeapType::Array), None) => Self::Array(None),
            (Some(HeapType::Array), Some(any)) => Self::Array(any.as_array(&*store)?),
            (_, reference) => Self::Any(reference),
        })
    }

    /// The value.
    pub(crate) fn make(self, store: &mut impl AsContextMut) -> wasmtime::Result<Val> {
        Ok(match self {
            Self::Func(func) => Val::FuncRef(func),
            Self::Extern(None, Some(object)) => Val::ExternRef(Some(wrap_object(store, object)?)),
            Self::Extern(reference, _) => Val::ExternRef(reference),
            Self::Any(reference) => Val::AnyRef(reference),
            Self::Eq(reference) => Val::AnyRef(reference.map(Rooted::<EqRef>::to_anyref)),
            Self::I31(number) => Val::AnyRef(number.map(|number| AnyRef::from_i31(store, number))),
            Self::Struct(reference) => Val::AnyRef(reference.map(Rooted::<StructRef>::to_anyref)),
            Self::Array(reference) => Val::AnyRef(reference.map(Rooted::<ArrayRef>::to_anyref)),
            Self::Exn(reference) => Val::ExnRef(reference),
        })
    }

    /// Checks whether a slot of this type takes it. Wasmtime does not check.
    fn fits(&self, ty: &ValType) -> bool {
        let (heap, null) = match self {
            Self::Func(func) => (HeapType::Func, func.is_none()),
            Self::Extern(reference, object) => {
                (HeapType::Extern, reference.is_none() && object.is_none())
            }
            Self::Any(reference) => (HeapType::Any, reference.is_none()),
            Self::Eq(reference) => (HeapType::Eq, reference.is_none()),
            Self::I31(number) => (HeapType::I31, number.is_none()),
            Self::Struct(reference) => (HeapType::Struct, reference.is_none()),
            Self::Array(reference) => (HeapType::Array, reference.is_none()),
            Self::Exn(reference) => (HeapType::Exn, reference.is_none()),
        };
        let own = RefType::new(null, heap);
        ty.as_ref().is_some_and(|ty| own.matches(ty))
    }
}

/// The references and the deferred writes of one call.
#[doc(hidden)]
#[derive(Default)]
pub struct CallReferences {
    /// The references that the guest passed, in reverse order.
    given: SmallVec<[Reference; 2]>,
    /// The references that the guest gets, each with its slot.
    late: SmallVec<[(usize, Reference); 2]>,
    /// Results that are written to guest memory, each with its first slot.
    deferred: SmallVec<[(usize, DeferredWrite); 1]>,
    /// The rest of the call's copy budget after the result.
    left: usize,
}

impl CallReferences {
    /// With the references that the guest passed, in order.
    pub(crate) fn new(mut given: SmallVec<[Reference; 2]>) -> Self {
        given.reverse();
        Self {
            given,
            ..Self::default()
        }
    }

    pub(crate) fn take(&mut self) -> Option<Reference> {
        self.given.pop()
    }

    pub(crate) fn put(&mut self, slot: usize, reference: Reference) {
        self.late.push((slot, reference));
    }

    pub(crate) fn put_deferred(&mut self, slot: usize, write: DeferredWrite) {
        self.deferred.push((slot, write));
    }

    pub(crate) fn set_budget(&mut self, left: usize) {
        self.left = left;
    }

    /// Takes the results that are written to guest memory, each with its first slot, and the rest
    /// of the call's copy budget.
    pub(crate) fn take_deferred(&mut self) -> (SmallVec<[(usize, DeferredWrite); 1]>, usize) {
        (std::mem::take(&mut self.deferred), self.left)
    }

    /// Makes the references that the guest gets.
    ///
    /// All are made before one is written, because making one may collect garbage.
    pub(crate) fn make(
        self,
        store: &mut impl AsContextMut,
        types: impl Iterator<Item = ValType>,
    ) -> wasmtime::Result<MadeReferences> {
        let mut made = MadeReferences::default();
        let mut late = self.late.into_iter();
        for (slot, ty) in types.enumerate().filter(|(_, ty)| ty.is_ref()) {
            // A shim writes its results in order.
            match late.next() {
                Some((written, reference)) if written == slot && reference.fits(&ty) => {
                    let is_new = matches!(&reference, Reference::Extern(None, Some(_)));
                    let value = reference.make(&mut *store)?;
                    made.made.push((slot, value, is_new));
                    made.types.push((slot, ty));
                }
                _ => wasmtime::bail!("a host function returns another reference than it declares"),
            }
        }
        Ok(made)
    }
}

/// The references that the guest gets, each with its slot, and whether the call has made it.
#[derive(Default)]
pub(crate) struct MadeReferences {
    made: SmallVec<[(usize, Val, bool); 2]>,
    /// The types that they were made for.
    types: SmallVec<[(usize, ValType); 2]>,
}

impl MadeReferences {
    /// The references that the host function returned. If one belongs to another store, Wasmtime
    /// would panic.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Val> {
        let given = self.made.iter().filter(|(_, _, is_new)| !is_new);
        given.map(|(_, value, _)| value)
    }

    /// Whether they were made for the references among these types.
    pub(crate) fn is_for(&self, types: impl Iterator<Item = ValType>) -> bool {
        let mut own = self.types.iter();
        let mut wanted = types.enumerate().filter(|(_, ty)| ty.is_ref());
        wanted.all(|(slot, ty)| {
            let made = own.next();
            made.is_some_and(|(at, own)| *at == slot && ValType::eq(own, &ty))
        }) && own.next().is_none()
    }

    /// Writes them.
    pub(crate) fn write(
        self,
        store: &mut impl AsContextMut,
        raw: &mut [MaybeUninit<ValRaw>],
    ) -> wasmtime::Result<()> {
        for (slot, value, _) in self.made {
            raw[slot].write(value.to_raw(&mut *store)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Store};

    use super::*;

    /// Wasmtime does not check that the value in a slot has the type of the function.
    #[test]
    fn a_slot_gets_a_reference_of_its_type_or_the_guest_traps() {
        let mut store = Store::new(&Engine::default(), ());
        let some = Some(I31::wrapping_u32(7));
        let never_null: ValType = RefType::new(false, HeapType::I31).into();
        let mut finish = |given: Vec<(usize, Reference)>, ty: &ValType| {
            let mut references = CallReferences::default();
            for (slot, reference) in given {
                references.put(slot, reference);
            }
            let mut raw = [const { MaybeUninit::uninit() }; 2];
            let types = [ValType::I32, ty.clone()].into_iter();
            let made = references.make(&mut store, types);
            made.is_ok_and(|made| made.write(&mut store, &mut raw).is_ok())
        };
        assert!(finish(vec![(1, Reference::I31(some))], &never_null));
        assert!(finish(vec![(1, Reference::I31(some))], &ValType::I31REF));
        assert!(finish(vec![(1, Reference::I31(some))], &ValType::EQREF));
        assert!(finish(vec![(1, Reference::I31(None))], &ValType::I31REF));
        assert!(!finish(vec![(1, Reference::I31(None))], &never_null));
        assert!(!finish(vec![(1, Reference::Eq(None))], &ValType::I31REF));
        assert!(!finish(vec![(1, Reference::Func(None))], &ValType::I31REF));
        assert!(!finish(vec![(0, Reference::I31(some))], &ValType::I31REF));
        assert!(!finish(vec![], &ValType::I31REF));
    }
}

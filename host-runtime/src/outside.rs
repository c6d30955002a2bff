//! What a call needs the store for, which a shim does not have: it borrows the memory and the states.
//!
//! Wasmtime makes references of slots, and slots of references, only with the store at hand. So those that
//! the guest passed are made before the shim is entered, and those that it gets after. So is room in the
//! guest's memory, for which the guest is asked.

use std::{any::Any, mem::MaybeUninit, sync::Arc};

use smallvec::SmallVec;
use wasmtime::{
    AnyRef, ArrayRef, AsContext, AsContextMut, EqRef, ExnRef, ExternRef, Func, HeapType, I31,
    RefType, Rooted, StructRef, Val, ValRaw, ValType,
};

use crate::{
    guest::Guest,
    room::{Misplaced, Room},
};

/// A host object behind an `externref`.
pub(crate) type Object = Arc<dyn Any + Send + Sync>;

/// What the `externref` of a host object holds, to be told from other embedders' objects.
struct Carried(Object);

/// An `externref` to a host object.
pub(crate) fn carry(
    store: impl AsContextMut,
    object: Object,
) -> wasmtime::Result<Rooted<ExternRef>> {
    ExternRef::new(store, Carried(object))
}

/// The host object behind an `externref`, if it is one.
pub(crate) fn carried(
    store: &impl AsContext,
    reference: Rooted<ExternRef>,
) -> wasmtime::Result<Option<Object>> {
    let data = reference.data(store.as_context())?;
    let carried = data.and_then(|data| data.downcast_ref::<Carried>());
    Ok(carried.map(|carried| Arc::clone(&carried.0)))
}

/// A reference that the guest passed, or gets.
pub(crate) enum Reference {
    Func(Option<Func>),
    /// With the host object behind it. One that the guest gets may have no reference to it yet.
    Extern(Option<Rooted<ExternRef>>, Option<Object>),
    Any(Option<Rooted<AnyRef>>),
    Eq(Option<Rooted<EqRef>>),
    I31(Option<I31>),
    Struct(Option<Rooted<StructRef>>),
    Array(Option<Rooted<ArrayRef>>),
    Exn(Option<Rooted<ExnRef>>),
}

impl Reference {
    /// A reference of the hierarchy of `any`, as the type says.
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

    /// The value, and the type of a slot for it.
    fn make(self, store: &mut impl AsContextMut) -> wasmtime::Result<(Val, ValType)> {
        let any = |reference: Option<Rooted<AnyRef>>| Val::AnyRef(reference);
        Ok(match self {
            Self::Func(func) => (Val::FuncRef(func), ValType::FUNCREF),
            Self::Extern(None, Some(object)) => {
                let reference = carry(&mut *store, object)?;
                (Val::ExternRef(Some(reference)), ValType::EXTERNREF)
            }
            Self::Extern(reference, _) => (Val::ExternRef(reference), ValType::EXTERNREF),
            Self::Any(reference) => (any(reference), ValType::ANYREF),
            Self::Eq(reference) => (
                any(reference.map(Rooted::<EqRef>::to_anyref)),
                ValType::EQREF,
            ),
            Self::I31(number) => {
                let reference = number.map(|number| AnyRef::from_i31(&mut *store, number));
                (any(reference), ValType::I31REF)
            }
            Self::Struct(reference) => (
                any(reference.map(Rooted::<StructRef>::to_anyref)),
                ValType::STRUCTREF,
            ),
            Self::Array(reference) => (
                any(reference.map(Rooted::<ArrayRef>::to_anyref)),
                ValType::ARRAYREF,
            ),
            Self::Exn(reference) => (Val::ExnRef(reference), ValType::EXNREF),
        })
    }
}

/// What one call needs the store for.
#[doc(hidden)]
#[derive(Default)]
pub struct Outside {
    /// The references that the guest passed, in reverse order.
    given: SmallVec<[Reference; 2]>,
    /// Those that it gets, each with the slot that it is for.
    late: SmallVec<[(usize, Reference); 2]>,
    /// What has its place in the guest's memory, each with the first slot that it is for.
    rooms: SmallVec<[(usize, Room); 1]>,
    /// What is left of the call's copy budget once its result is there.
    left: usize,
}

impl Outside {
    /// Makes the references that the guest passed.
    ///
    /// # Safety
    ///
    /// The first slots of `raw` hold values of these types, as Wasmtime passed them in this store.
    pub(crate) unsafe fn given(
        store: &mut impl AsContextMut,
        raw: &[MaybeUninit<ValRaw>],
        types: impl Iterator<Item = ValType>,
    ) -> wasmtime::Result<Self> {
        let mut given = SmallVec::new();
        for (slot, ty) in raw.iter().zip(types) {
            if !ty.is_ref() {
                continue;
            }
            // SAFETY: the caller says that the slot is initialized.
            let slot = unsafe { slot.assume_init() };
            // SAFETY: the caller says that it is of this type.
            let value = unsafe { Val::from_raw(&mut *store, slot, ty.clone()) };
            given.push(match value {
                Val::FuncRef(func) => Reference::Func(func),
                Val::AnyRef(reference) => Reference::any(&mut *store, reference, &ty)?,
                Val::ExnRef(reference) => Reference::Exn(reference),
                Val::ExternRef(reference) => {
                    let object = match &reference {
                        Some(reference) => carried(&*store, *reference)?,
                        None => None,
                    };
                    Reference::Extern(reference, object)
                }
                _ => wasmtime::bail!("host functions take no such reference"),
            });
        }
        given.reverse();
        Ok(Self {
            given,
            ..Self::default()
        })
    }

    pub(crate) fn take(&mut self) -> Option<Reference> {
        self.given.pop()
    }

    pub(crate) fn put(&mut self, slot: usize, reference: Reference) {
        self.late.push((slot, reference));
    }

    pub(crate) fn put_room(&mut self, slot: usize, room: Room) {
        self.rooms.push((slot, room));
    }

    pub(crate) fn set_budget(&mut self, left: usize) {
        self.left = left;
    }

    /// Gives what has its place in the guest's memory that place.
    pub(crate) fn place(
        &mut self,
        mut guest: Guest<'_>,
        raw: &mut [MaybeUninit<ValRaw>],
    ) -> Result<(), Misplaced> {
        guest.set_budget(self.left);
        for (slot, room) in self.rooms.drain(..) {
            room.place(&mut guest, raw.get_mut(slot..).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Writes the references that the guest gets. A slot for one that the shim has left unwritten is null.
    pub(crate) fn finish(
        self,
        store: &mut impl AsContextMut,
        raw: &mut [MaybeUninit<ValRaw>],
        types: impl Iterator<Item = ValType>,
    ) -> wasmtime::Result<()> {
        let types: SmallVec<[ValType; 4]> = types.collect();
        for (slot, ty) in raw.iter_mut().zip(&types) {
            if ty.is_ref() {
                slot.write(ValRaw::v128(0));
            }
        }
        // All are made before one is written, for making one may collect garbage.
        let mut made = SmallVec::<[(usize, Val); 2]>::new();
        for (slot, late) in self.late {
            let (value, ty) = late.make(&mut *store)?;
            // A slot takes what the function's type has there, and nothing else.
            match types.get(slot) {
                Some(declared) if ValType::eq(declared, &ty) => made.push((slot, value)),
                _ => wasmtime::bail!("a host function returns another reference than it declares"),
            }
        }
        for (slot, value) in made {
            raw[slot].write(value.to_raw(&mut *store)?);
        }
        Ok(())
    }
}

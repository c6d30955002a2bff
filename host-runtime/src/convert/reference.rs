//! References: to functions, host objects and garbage-collected values.

use std::{any::type_name, fmt, ops::Deref, sync::Arc};

use wasmtime::{
    AnyRef, ArrayRef, AsContext, AsContextMut, EqRef, ExnRef, ExternRef, Func, I31, Rooted,
    StructRef,
};

use crate::{
    abi::{
        CoreResults, CoreType, CoreTypes, CoreValues, Object, Reference, Slots, sealed,
        unwrap_object, wrap_object,
    },
    call::Call,
    convert::{FromGuest, IntoGuest},
    error::ValueError,
};

/// Wasmtime's types of references that are not null.
pub trait Referenced: Copy + sealed::Sealed + 'static {
    /// The type of an `Option` of it.
    const NULLABLE: CoreType;

    fn into_reference(reference: Option<Self>) -> Reference;

    /// `None` if it is null, or of another type.
    fn from_reference(reference: Reference) -> Option<Self>;
}

impl<T: Referenced> sealed::Sealed for Option<T> {}

impl<T: Referenced> CoreResults for Option<T> {
    const TYPES: CoreTypes = CoreTypes::one(T::NULLABLE);

    fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
        slots.put_reference(T::into_reference(self));
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Referenced> CoreValues for Option<T> {
    fn read(slots: &mut Slots<'_>) -> Self {
        T::from_reference(slots.take_reference())
    }
}

/// The guest's type may allow null where the parameter does not. So null is checked, and refused.
macro_rules! referenced {
    ($($ty:ty: $nullable:ident $never_null:ident,
        |$given:ident| $reference:expr, $taken:pat => $held:expr;)*) => {$(
        impl sealed::Sealed for $ty {}

        impl Referenced for $ty {
            const NULLABLE: CoreType = CoreType::$nullable;

            fn into_reference($given: Option<Self>) -> Reference {
                $reference
            }

            fn from_reference(reference: Reference) -> Option<Self> {
                match reference {
                    $taken => $held,
                    _ => None,
                }
            }
        }

        impl CoreResults for $ty {
            const TYPES: CoreTypes = CoreTypes::one(CoreType::$never_null);

            fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
                Some(self).write(slots)
            }
        }

        impl FromGuest<'_> for Option<$ty> {
            type Wasm = Self;

            fn from_guest(wasm: Self, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                Ok(wasm)
            }
        }

        impl FromGuest<'_> for $ty {
            type Wasm = Option<Self>;

            fn from_guest(wasm: Option<Self>, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                let wanted = stringify!($ty);
                wasm.ok_or_else(|| ValueError::NullObject { wanted }.into())
            }
        }

        impl IntoGuest for Option<$ty> {
            type Wasm = Self;

            fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                Ok(self)
            }
        }

        impl IntoGuest for $ty {
            type Wasm = Self;

            fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                Ok(self)
            }
        }
    )*};
}

referenced! {
    Func: FuncRef Func, |func| Reference::Func(func), Reference::Func(func) => func;
    Rooted<ExternRef>: ExternRef Extern,
        |object| Reference::Extern(object, None), Reference::Extern(object, _) => object;
    Rooted<AnyRef>: AnyRef Any, |any| Reference::Any(any), Reference::Any(any) => any;
    Rooted<EqRef>: EqRef Eq, |eq| Reference::Eq(eq), Reference::Eq(eq) => eq;
    I31: I31Ref I31, |number| Reference::I31(number), Reference::I31(number) => number;
    Rooted<StructRef>: StructRef Struct,
        |fields| Reference::Struct(fields), Reference::Struct(fields) => fields;
    Rooted<ArrayRef>: ArrayRef Array,
        |array| Reference::Array(array), Reference::Array(array) => array;
    Rooted<ExnRef>: ExnRef Exn,
        |exception| Reference::Exn(exception), Reference::Exn(exception) => exception;
}

impl sealed::Sealed for Extern {}

impl CoreResults for Extern {
    const TYPES: CoreTypes = CoreTypes::one(CoreType::ExternRef);

    fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
        slots.put_reference(match self {
            Self::Object(object) => Reference::Extern(None, Some(object)),
            Self::Null | Self::Other => Reference::Extern(None, None),
        });
        Ok(())
    }
}

impl CoreValues for Extern {
    fn read(slots: &mut Slots<'_>) -> Self {
        match slots.take_reference() {
            Reference::Extern(Some(_), Some(object)) => Self::Object(object),
            Reference::Extern(Some(_), None) => Self::Other,
            _ => Self::Null,
        }
    }
}

/// An `externref`.
#[doc(hidden)]
pub enum Extern {
    Null,
    Object(Object),
    /// One that an embedder has made.
    Other,
}

/// A host value that a guest holds by an `externref`.
///
/// The guest can only keep it and pass it on. The value is dropped when neither the guest nor the
/// host refers to it any more, at the next collection of the store's garbage. A reference that a
/// call of an export has returned lives until Wasmtime's `RootScope` of that call ends. A parameter
/// of this type is checked to be a `T`; an `Option` may be null.
///
/// Wasmtime's collector does not know the size of a value. It counts objects, and collects after
/// about two thousand. So a guest can keep as many values alive for a while. For large values,
/// return a [`Handle`](crate::Handle), or count them in a state and refuse more, or call
/// `Store::gc`.
///
/// ```
/// use host_runtime::{HostObject, Runtime, imports, wasm_import};
///
/// struct Page {
///     title: String,
/// }
///
/// #[wasm_import(module = "browser")]
/// fn open() -> HostObject<Page> {
///     HostObject::new(Page { title: "Home".to_owned() })
/// }
///
/// #[wasm_import(module = "browser")]
/// fn title_length(page: HostObject<Page>) -> u32 {
///     page.title.len() as u32
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// let runtime = Runtime::builder().imports(imports![open, title_length]).build()?;
/// let mut guest = runtime.instantiate(r#"(module
///     (import "browser" "open" (func $open (result externref)))
///     (import "browser" "title_length" (func $length (param externref) (result i32)))
///     (func (export "run") (result i32) (call $length (call $open))))"#)?;
/// assert_eq!(guest.call::<(), u32>("run", ())?, 4);
/// # Ok(())
/// # }
/// ```
pub struct HostObject<T>(Arc<T>);

impl<T> HostObject<T> {
    /// Makes an object that guests can hold.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: Send + Sync + 'static> HostObject<T> {
    /// Returns the object of a reference that a call of the guest has returned, if it is a `T`.
    ///
    /// # Errors
    ///
    /// If the reference is of another store, or no longer rooted.
    pub fn from_ref(
        store: &impl AsContext,
        reference: Rooted<ExternRef>,
    ) -> wasmtime::Result<Option<Self>> {
        let object = unwrap_object(store, reference)?;
        Ok(object
            .and_then(|object| Arc::downcast(object).ok())
            .map(Self))
    }

    /// Makes a reference to pass to a call of the guest.
    ///
    /// # Errors
    ///
    /// If the store has no memory for another object.
    pub fn to_ref(&self, store: &mut impl AsContextMut) -> wasmtime::Result<Rooted<ExternRef>> {
        wrap_object(store, self.clone().erase())
    }

    pub(crate) fn erase(self) -> Object {
        self.0
    }

    /// The object of an `externref`; `None` if that is null.
    pub(crate) fn from_extern(value: Extern) -> Result<Option<Self>, ValueError> {
        let wanted = type_name::<T>();
        let object = match value {
            Extern::Null => return Ok(None),
            Extern::Object(object) => Arc::downcast(object).ok(),
            Extern::Other => None,
        };
        match object {
            Some(object) => Ok(Some(Self(object))),
            None => Err(ValueError::OtherObject { wanted }),
        }
    }
}

impl<T> From<Arc<T>> for HostObject<T> {
    fn from(value: Arc<T>) -> Self {
        Self(value)
    }
}

/// What the guest holds, to hold it as well.
impl<T> From<HostObject<T>> for Arc<T> {
    fn from(object: HostObject<T>) -> Self {
        object.0
    }
}

impl<T> Clone for HostObject<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for HostObject<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for HostObject<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Send + Sync + 'static> FromGuest<'_> for HostObject<T> {
    type Wasm = Extern;

    fn from_guest(wasm: Extern, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        let wanted = type_name::<T>();
        Self::from_extern(wasm)?.ok_or_else(|| ValueError::NullObject { wanted }.into())
    }
}

impl<T: Send + Sync + 'static> FromGuest<'_> for Option<HostObject<T>> {
    type Wasm = Extern;

    fn from_guest(wasm: Extern, _: &mut Call<'_>) -> wasmtime::Result<Self> {
        Ok(HostObject::from_extern(wasm)?)
    }
}

/// The `externref` of a host object, which is never null.
pub struct NewObject(Object);

impl sealed::Sealed for NewObject {}

impl CoreResults for NewObject {
    const TYPES: CoreTypes = CoreTypes::one(CoreType::Object);

    fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
        slots.put_reference(Reference::Extern(None, Some(self.0)));
        Ok(())
    }
}

impl<T: Send + Sync + 'static> IntoGuest for HostObject<T> {
    type Wasm = NewObject;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<NewObject> {
        Ok(NewObject(self.0))
    }
}

impl<T: Send + Sync + 'static> IntoGuest for Option<HostObject<T>> {
    type Wasm = Extern;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Extern> {
        Ok(self.map_or(Extern::Null, |object| Extern::Object(object.0)))
    }
}

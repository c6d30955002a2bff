//! References: functions of the guest, and what is the host's or the garbage collector's.

use std::{any::type_name, fmt, ops::Deref, sync::Arc};

use wasmtime::{
    AnyRef, ArrayRef, AsContext, AsContextMut, EqRef, ExnRef, ExternRef, Func, I31, Rooted,
    StructRef,
};

use crate::{
    call::{Call, Slots},
    error::BadValue,
    outside::{self, Object, Reference},
    values::{CoreType, CoreTypes, CoreValues, FromGuest, IntoGuest, core::sealed},
};

macro_rules! reference {
    ($($ty:ty: $core:ident, |$given:ident| $read:expr, |$value:ident| $late:expr;)*) => {$(
        impl sealed::Sealed for $ty {}

        impl CoreValues for $ty {
            const TYPES: CoreTypes = CoreTypes::one(CoreType::$core);

            fn read(slots: &mut Slots<'_>) -> Self {
                let $given = slots.take_reference();
                $read
            }

            fn write(self, slots: &mut Slots<'_>) -> wasmtime::Result<()> {
                let $value = self;
                slots.put_reference($late);
                Ok(())
            }
        }
    )*};
}

/// References that come and go as they are.
macro_rules! itself {
    ($($ty:ty: $core:ident, $kind:ident;)*) => {$(
        reference! {
            $ty: $core,
                |given| if let Reference::$kind(reference) = given { reference } else { None },
                |reference| Reference::$kind(reference);
        }
    )*};
}

itself! {
    Option<Func>: FuncRef, Func;
    Option<Rooted<AnyRef>>: AnyRef, Any;
    Option<Rooted<EqRef>>: EqRef, Eq;
    Option<I31>: I31Ref, I31;
    Option<Rooted<StructRef>>: StructRef, Struct;
    Option<Rooted<ArrayRef>>: ArrayRef, Array;
    Option<Rooted<ExnRef>>: ExnRef, Exn;
}

reference! {
    Option<Rooted<ExternRef>>: ExternRef,
        |given| if let Reference::Extern(reference, _) = given { reference } else { None },
        |reference| Reference::Extern(reference, None);
    Extern: ExternRef,
        |given| match given {
            Reference::Extern(Some(_), Some(object)) => Self::Object(object),
            Reference::Extern(Some(_), None) => Self::Other,
            _ => Self::Null,
        },
        |object| match object {
            Extern::Object(object) => Reference::Extern(None, Some(object)),
            Extern::Null | Extern::Other => Reference::Extern(None, None),
        };
}

/// An `externref`.
#[doc(hidden)]
pub enum Extern {
    Null,
    Object(Object),
    /// What an embedder has made otherwise.
    Other,
}

macro_rules! values {
    ($($ty:ty)*) => {$(
        impl FromGuest<'_> for $ty {
            type Wasm = Self;

            fn from_guest(wasm: Self, _: &mut Call<'_>) -> wasmtime::Result<Self> {
                Ok(wasm)
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

values! {
    Option<Func> Option<Rooted<ExternRef>> Option<Rooted<AnyRef>> Option<Rooted<EqRef>> Option<I31>
    Option<Rooted<StructRef>> Option<Rooted<ArrayRef>> Option<Rooted<ExnRef>>
}

/// A value of the host that a guest holds by an `externref`.
///
/// The guest can pass it on and keep it, and do nothing else with it. When it has let go of it, and
/// the host has as well, the value is dropped, at the next collection of the store's garbage. What a call
/// of an export has returned, the host lets go of when Wasmtime's `RootScope` of that call ends. As a
/// parameter it is checked to be a `T`; an `Option` may be null.
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
    /// A value that guests can hold.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: Send + Sync + 'static> HostObject<T> {
    /// The object behind a reference that a call of the guest has returned, if it is a `T`.
    ///
    /// # Errors
    ///
    /// If the reference is of another store, or no longer rooted.
    pub fn from_ref(
        store: &impl AsContext,
        reference: Rooted<ExternRef>,
    ) -> wasmtime::Result<Option<Self>> {
        let object = outside::carried(store, reference)?;
        Ok(object
            .and_then(|object| Arc::downcast(object).ok())
            .map(Self))
    }

    /// A reference to pass to a call of the guest.
    ///
    /// # Errors
    ///
    /// If there is no room for it among the store's objects.
    pub fn to_ref(&self, store: &mut impl AsContextMut) -> wasmtime::Result<Rooted<ExternRef>> {
        outside::carry(store, self.clone().erase())
    }

    pub(crate) fn erase(self) -> Object {
        self.0
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
        let value = match wasm {
            Extern::Null => return Err(BadValue::NullObject { wanted }.into()),
            Extern::Object(object) => Arc::downcast(object).ok(),
            Extern::Other => None,
        };
        value
            .map(Self)
            .ok_or_else(|| BadValue::OtherObject { wanted }.into())
    }
}

impl<T: Send + Sync + 'static> FromGuest<'_> for Option<HostObject<T>> {
    type Wasm = Extern;

    fn from_guest(wasm: Extern, call: &mut Call<'_>) -> wasmtime::Result<Self> {
        match wasm {
            Extern::Null => Ok(None),
            wasm => HostObject::from_guest(wasm, call).map(Some),
        }
    }
}

impl<T: Send + Sync + 'static> IntoGuest for HostObject<T> {
    type Wasm = Extern;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Extern> {
        Ok(Extern::Object(self.0))
    }
}

impl<T: Send + Sync + 'static> IntoGuest for Option<HostObject<T>> {
    type Wasm = Extern;

    fn into_guest(self, _: &mut Call<'_>) -> wasmtime::Result<Extern> {
        Ok(self.map_or(Extern::Null, |object| Extern::Object(object.0)))
    }
}

//! A value of any type that is found by its type.

use std::any::{Any, TypeId, type_name};

/// A value, and its type to find it by.
///
/// `Any` itself would be asked for the type by a call that cannot be inlined, which takes as long
/// as the rest of a hostcall.
pub(super) struct Typed {
    id: TypeId,
    name: fn() -> &'static str,
    value: Box<dyn Any + Send>,
}

impl Typed {
    pub(super) fn new<T: Send + 'static>(value: T) -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>,
            value: Box::new(value),
        }
    }

    /// The type of the value.
    #[inline]
    pub(super) fn id(&self) -> TypeId {
        self.id
    }

    /// The name of that type.
    pub(super) fn type_name(&self) -> &'static str {
        (self.name)()
    }

    #[inline]
    pub(super) fn is<T: 'static>(&self) -> bool {
        self.id == TypeId::of::<T>()
    }

    /// The value, if it is a `T`.
    #[inline]
    pub(super) fn get<T: 'static>(&self) -> Option<&T> {
        if !self.is::<T>() {
            return None;
        }
        let value: *const dyn Any = &raw const *self.value;
        // SAFETY: `id` is the type of `value`, since both are private and `new` makes them of one
        // type; the pointer is borrowed from `self` for as long as the result is.
        Some(unsafe { &*value.cast::<T>() })
    }

    /// The value, if it is a `T`, to change it.
    #[inline]
    pub(super) fn get_mut<T: 'static>(&mut self) -> Option<&mut T> {
        if !self.is::<T>() {
            return None;
        }
        let value: *mut dyn Any = &raw mut *self.value;
        // SAFETY: `id` is the type of `value`, since both are private and `new` makes them of one
        // type; the pointer is borrowed exclusively from `self` for as long as the result is.
        Some(unsafe { &mut *value.cast::<T>() })
    }

    /// The value itself, if it is a `T`.
    pub(super) fn into_value<T: 'static>(self) -> Option<T> {
        self.value.downcast().ok().map(|value| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_own_type_only() {
        let mut typed = Typed::new(7_u32);
        assert_eq!(typed.id(), TypeId::of::<u32>());
        assert_eq!(typed.get::<u32>(), Some(&7));
        assert_eq!(typed.get::<i32>(), None);
        *typed.get_mut::<u32>().unwrap() += 1;
        assert_eq!(typed.get_mut::<i32>(), None);
        assert_eq!(typed.into_value::<u32>(), Some(8));
        assert_eq!(Typed::new(7_u32).into_value::<i32>(), None);
    }
}

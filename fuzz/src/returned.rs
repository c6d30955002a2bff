//! The types of results: what core values each is, as the table of results in
//! `host-runtime/docs/types.md` has it.

use std::ffi::CString;

use host_runtime::{
    Allocated, ErrorCode, ValueError,
    errors::HandleError,
    values::{Indirect, LastReturnPointer, PointerHigh, PointerLow, ReturnPointer},
};

use crate::{parameter::Parameter, row::Row, value::Kind};

pub trait Returned {
    fn kinds() -> Vec<Kind>;

    /// The pointer for the result is added to the parameters.
    fn add_pointer(_: &mut Vec<Row>) {}
}

impl<T: Parameter> Returned for T {
    fn kinds() -> Vec<Kind> {
        T::ROW.kinds()
    }
}

macro_rules! kinds {
    ($($ty:ty $(where $($generic:ident),+)? => [$($kind:ident),*];)*) => {$(
        impl$(<$($generic),+>)? Returned for $ty {
            fn kinds() -> Vec<Kind> {
                vec![$(Kind::$kind),*]
            }
        }
    )*};
}

kinds! {
    () => [];
    PointerLow<(u32, u32)> => [I64];
    PointerHigh<(u32, u32)> => [I64];
    Allocated<CString, A> where A => [Pointer];
    Allocated<String, A> where A => [Pointer, Length];
    Allocated<Vec<T>, A> where T, A => [Pointer, Length];
    Option<Allocated<String, A>> where A => [Pointer, Length];
    PointerLow<Allocated<T, A>> where T, A => [I64];
    PointerHigh<Allocated<T, A>> where T, A => [I64];
    Indirect<Allocated<T, A>> where T, A => [Pointer];
}

impl<T> Returned for ReturnPointer<T> {
    fn kinds() -> Vec<Kind> {
        vec![]
    }

    fn add_pointer(parameters: &mut Vec<Row>) {
        parameters.insert(0, Row::Return);
    }
}

impl<T> Returned for LastReturnPointer<T> {
    fn kinds() -> Vec<Kind> {
        vec![]
    }

    fn add_pointer(parameters: &mut Vec<Row>) {
        parameters.push(Row::Return);
    }
}

macro_rules! results {
    ($($error:ty;)*) => {$(
        impl<R: Returned> Returned for Result<R, $error> {
            fn kinds() -> Vec<Kind> {
                R::kinds()
            }
        }
    )*};
}

results! {
    anyhow::Error;
    HandleError;
    ValueError;
}

impl<R: Returned, E> Returned for Result<R, ErrorCode<E>> {
    fn kinds() -> Vec<Kind> {
        let kinds = R::kinds();
        if kinds.is_empty() {
            vec![Kind::I32]
        } else {
            kinds
        }
    }

    fn add_pointer(parameters: &mut Vec<Row>) {
        R::add_pointer(parameters);
    }
}

macro_rules! tuples {
    ($(($($part:ident)+))*) => {$(
        impl<$($part: Returned),+> Returned for ($($part,)+) {
            fn kinds() -> Vec<Kind> {
                [$($part::kinds()),+].concat()
            }
        }
    )*};
}

tuples!((A B) (A B C D) (A B C D E F G H I J K L));

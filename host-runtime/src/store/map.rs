//! Host state: values of the embedder that host functions borrow by type.

use std::{
    any::{TypeId, type_name},
    iter,
};

use crate::store::typed::Typed;

/// Values of different types, one of each.
#[doc(hidden)]
pub struct StateMap {
    /// The first state, apart from the others: most stores have only one, and no list is searched
    /// for it. [`Nothing`] until there is one.
    first: Typed,
    rest: Vec<Typed>,
}

/// The placeholder for no state. Takes no memory.
struct Nothing;

impl StateMap {
    pub(super) fn new() -> Self {
        Self {
            first: Typed::new(Nothing),
            rest: Vec::new(),
        }
    }

    /// Adds a value of a new type.
    pub(super) fn push<S: Send + 'static>(&mut self, value: S) {
        let state = Typed::new(value);
        if self.first.is::<Nothing>() {
            self.first = state;
        } else {
            self.rest.push(state);
        }
    }

    #[inline]
    pub(super) fn has(&self, id: TypeId) -> bool {
        self.first.id() == id || self.rest.iter().any(|state| state.id() == id)
    }

    pub(super) fn get<S: 'static>(&self) -> Option<&S> {
        let mut states = iter::once(&self.first).chain(&self.rest);
        states.find_map(Typed::get)
    }

    /// The names of the types.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let states = iter::once(&self.first).chain(&self.rest);
        states.map(Typed::type_name)
    }

    /// The states that a function borrows.
    ///
    /// # Panics
    ///
    /// If one is missing. Callers check that before.
    #[inline]
    pub fn borrow<S: States>(&mut self) -> S::Borrowed<'_> {
        S::borrow(self)
    }

    #[inline]
    pub(super) fn get_mut<S: 'static>(&mut self) -> Option<&mut S> {
        match self.first.get_mut() {
            Some(first) => Some(first),
            None => self.rest.iter_mut().find_map(Typed::get_mut),
        }
    }
}

/// The states that one function borrows at once: a tuple of their types.
///
/// [`HostData::check`](super::HostData::check) has checked them, when linking or before the call. A
/// shim that could fail here would be slower.
pub trait States {
    /// The references to them.
    type Borrowed<'a>;

    #[doc(hidden)]
    fn borrow(states: &mut StateMap) -> Self::Borrowed<'_>;
}

#[cold]
#[inline(never)]
fn gone(state: fn() -> &'static str) -> ! {
    panic!(
        "the state `{}` existed when the guest was linked, but it is missing now: code that had \
         access to the store has \
         taken it out",
        state()
    )
}

impl<A: 'static> States for (A,) {
    type Borrowed<'a> = (&'a mut A,);

    /// This is small, so that each shim inlines it.
    #[inline]
    fn borrow(states: &mut StateMap) -> Self::Borrowed<'_> {
        if states.first.is::<A>() {
            (states.first.get_mut().expect("it is that"),)
        } else {
            (in_rest(states),)
        }
    }
}

#[cold]
#[inline(never)]
fn in_rest<S: 'static>(states: &mut StateMap) -> &mut S {
    let found = states.rest.iter_mut().find_map(Typed::get_mut);
    found.unwrap_or_else(|| gone(type_name::<S>))
}

macro_rules! states {
    ($($name:ident)+) => {
        impl<$($name: 'static),+> States for ($($name,)+) {
            type Borrowed<'a> = ($(&'a mut $name,)+);

            #[allow(non_snake_case)]
            fn borrow(states: &mut StateMap) -> Self::Borrowed<'_> {
                $(let mut $name = None;)+
                for state in iter::once(&mut states.first).chain(&mut states.rest) {
                    match state.id() {
                        $(id if id == TypeId::of::<$name>() => $name = state.get_mut::<$name>(),)+
                        _ => {}
                    }
                }
                ($($name.unwrap_or_else(|| gone(type_name::<$name>)),)+)
            }
        }
    };
}

states!(A B);
states!(A B C);
states!(A B C D);
states!(A B C D E);
states!(A B C D E F);
states!(A B C D E F G);
states!(A B C D E F G H);

//! The error of a missing state.

use std::{any::TypeId, fmt};

use crate::{message::rust_type, store::Handles};

/// A host function needs a state that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingStateError {
    /// The type as Rust names it.
    pub state: &'static str,
    /// An existing state that wraps the missing one or is wrapped by it: `Arc<T>` for `T`.
    pub wrapped: Option<&'static str>,
    place: StatePlace,
    is_handles: bool,
}

/// The place where the missing state has to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatePlace {
    /// The builder of a runtime.
    Builder,
    /// The data of a store.
    Store,
    /// A mock guest.
    Mock,
    /// The closure that fills the data of one instance.
    Instance,
}

impl MissingStateError {
    /// `others` are the existing states.
    pub(crate) fn new(
        (id, state): (TypeId, &'static str),
        place: StatePlace,
        mut others: impl Iterator<Item = &'static str>,
    ) -> Self {
        Self {
            state,
            wrapped: others.find(|other| wraps(other, state) || wraps(state, other)),
            place,
            is_handles: id == TypeId::of::<Handles>(),
        }
    }

    /// The same error for another place.
    pub(crate) fn in_place(self, place: StatePlace) -> Self {
        Self { place, ..self }
    }

    /// The advice of the message.
    pub(crate) fn advice(&self) -> String {
        if let Some(other) = self.wrapped {
            let (state, other) = (rust_type(self.state), rust_type(other));
            return format!("there is `{other}`: borrow that instead, or also provide `{state}`");
        }
        if self.is_handles && self.place == StatePlace::Builder {
            return "provide them with `Runtime::builder().state_with(Handles::new)`".to_owned();
        }
        let advice = match self.place {
            StatePlace::Builder => "provide one with `Runtime::builder().state(…)`",
            StatePlace::Store => {
                "add one with `HostData::insert(…)`, or provide one for each instance with \
                 `Runtime::builder().state(…)`"
            }
            StatePlace::Mock => "provide one with `MockGuest::with(…)`",
            StatePlace::Instance => {
                "`state_per_instance` declares it: insert it with `instantiate_with(|host| { \
                 host.insert(…); })`"
            }
        };
        advice.to_owned()
    }
}

/// Checks whether the type named `outer` wraps the one named `inner`, as `Arc<T>` wraps `T`.
fn wraps(outer: &str, inner: &str) -> bool {
    outer
        .strip_suffix('>')
        .and_then(|outer| outer.split_once('<'))
        .is_some_and(|(_, argument)| argument == inner || wraps(argument, inner))
}

impl fmt::Display for MissingStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = rust_type(self.state);
        write!(f, "the host has no state `{state}`; {}", self.advice())
    }
}

impl std::error::Error for MissingStateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_wraps_its_type_argument_only() {
        assert!(wraps("alloc::sync::Arc<app::App>", "app::App"));
        assert!(wraps(
            "alloc::sync::Arc<std::sync::Mutex<app::App>>",
            "app::App"
        ));
        assert!(!wraps("app::App", "app::App"));
        assert!(!wraps("app::Map<app::Key, app::App>", "app::App"));
    }
}

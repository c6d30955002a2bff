//! How the host functions are written down, each with its effect.

use crate::{
    judge::{Effect, Entry},
    returned::Returned,
    row::Row,
};

/// Host functions in a module, each with its effect. What no guest passes, such as `#[state]` or
/// `Guest`, stands in brackets before the parentheses or before a parameter.
macro_rules! functions {
    ($(
        fn $name:ident $([$($first:tt)*])? (
            $($([$($hidden:tt)*])? $parameter:ident: $ty:ty),*
        ) $(-> $result:ty)? $body:block
        => $effect:expr;
    )*) => {
        #[wasm_import(module = "host")]
        mod functions {
            #[allow(clippy::wildcard_imports, reason = "it is a part of this file")]
            use super::*;

            $(pub(super) fn $name(
                $($($first)*,)? $($($($hidden)*,)? $parameter: $ty),*
            ) $(-> $result)? $body)*
        }

        /// What the oracle knows of them.
        #[allow(unused_parens, reason = "without a type they are `()`")]
        pub fn entries() -> Vec<Entry> {
            vec![$({
                let rows = vec![$(<$ty as Parameter>::ROW),*];
                entry::<($($result)?)>(stringify!($name), rows, $effect)
            }),*]
        }
    };
}

pub(super) use functions;

/// A function of these parameters that returns `R`.
pub fn entry<R: Returned>(name: &'static str, mut parameters: Vec<Row>, effect: Effect) -> Entry {
    R::add_pointer(&mut parameters);
    Entry {
        name,
        parameters,
        results: R::kinds(),
        effect,
    }
}

//! The macro that defines host functions with their effects, and the names that its users need.

pub use crate::{
    digest::Digest,
    judge::{Effect, Entry, echo, number, touch},
    parameter::Parameter,
    row::Row,
    seen::Seen,
    value::{
        Kind, Object,
        Value::{self, Bits},
    },
    world::{Fault, Results, World, from_bytes},
};

/// Defines host functions, each with its result kinds and its effect. `First` and `Last` mean that
/// the function writes a result to a return pointer, its first or last parameter. What no guest
/// passes, such as `#[state]` or `Guest`, is in brackets before the parentheses or a parameter.
macro_rules! functions {
    ($(
        fn $name:ident $([$($first:tt)*])? (
            $($([$($hidden:tt)*])? $parameter:ident: $ty:ty),*
        ) $(-> $result:ty)? $body:block
        => [$($kind:ident),*] $effect:expr;
    )*) => {
        #[wasm_import(module = "host")]
        mod functions {
            #[allow(clippy::wildcard_imports, reason = "the module is part of this file")]
            use super::*;

            $(pub(super) fn $name(
                $($($first)*,)? $($($($hidden)*,)? $parameter: $ty),*
            ) $(-> $result)? $body)*
        }

        /// The oracle's entries for these functions.
        pub fn entries() -> Vec<Entry> {
            vec![$({
                let rows = vec![$(<$ty as Parameter>::ROW),*];
                entry(stringify!($name), rows, &[$(Kind::$kind),*], $effect)
            }),*]
        }
    };
}

pub(crate) use functions;

pub fn entry(name: &'static str, mut rows: Vec<Row>, results: &[Kind], effect: Effect) -> Entry {
    match results {
        [Kind::First, ..] => rows.insert(0, Row::Return),
        [.., Kind::Last] => rows.push(Row::Return),
        _ => {}
    }
    let results = results.iter().copied();
    Entry {
        name,
        parameters: rows,
        results: results
            .filter(|kind| !matches!(kind, Kind::First | Kind::Last))
            .collect(),
        effect,
    }
}

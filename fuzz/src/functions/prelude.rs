//! How the host functions are written down, each with its effect.

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

/// Host functions, each with the core values that it returns and its effect. `First` and `Last` say
/// that it writes its result to where a further parameter points. What no guest passes, such as
/// `#[state]` or `Guest`, stands in brackets before the parentheses or before a parameter.
macro_rules! functions {
    ($(
        fn $name:ident $([$($first:tt)*])? (
            $($([$($hidden:tt)*])? $parameter:ident: $ty:ty),*
        ) $(-> $result:ty)? $body:block
        => [$($kind:ident),*] $effect:expr;
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

//! The functions that a module exports, where one is asked for by a name that it has not.

use wasmtime::Module;

use crate::message::{self};

/// How many functions are named that may have been meant.
const NEAREST: usize = 5;

/// How many are named if none has a name like it.
const FIRST: usize = 10;

/// The longest name that is compared with others.
const LONGEST: usize = 64;

/// The most functions whose names are compared.
const COMPARED: usize = 10_000;

/// The functions that may have been meant by a name, the nearest first, or if none has a name like
/// it the first few; and how many there are.
pub(crate) fn functions(module: &Module, name: &str) -> (Vec<String>, usize) {
    let functions = module
        .exports()
        .filter(|export| export.ty().func().is_some());
    let functions: Vec<_> = functions.map(|export| export.name()).collect();
    let nearest = nearest(name, &functions).into_iter().map(str::to_owned);
    (nearest.collect(), functions.len())
}

fn nearest<'m>(name: &str, functions: &[&'m str]) -> Vec<&'m str> {
    let likeness = |other: &str| {
        if name.len().max(other.len()) > LONGEST {
            return 0.0;
        }
        strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase())
    };
    let compared = functions.iter().take(COMPARED);
    let mut alike: Vec<_> = compared.map(|other| (likeness(other), *other)).collect();
    alike.retain(|(likeness, _)| *likeness > 0.8);
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    if alike.is_empty() {
        return functions.iter().copied().take(FIRST).collect();
    }
    alike
        .into_iter()
        .map(|(_, other)| other)
        .take(NEAREST)
        .collect()
}

/// What a message says of them.
pub(crate) fn listed(nearest: &[String], functions: usize) -> String {
    let mut text = match functions {
        0 => return "it exports no function".to_owned(),
        all if all == nearest.len() => "it exports ".to_owned(),
        count => format!("of the {count} functions that it exports see "),
    };
    message::quoted(&mut text, nearest).expect("a String takes all text");
    text
}

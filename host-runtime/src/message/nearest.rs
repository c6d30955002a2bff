//! The functions that a module exports, where one is asked for by a name that it has not.

use wasmtime::{ExternType, Module};

use crate::message;

/// How many functions are named that may have been meant.
const NEAREST: usize = 5;

/// How many are named if none has a name like it.
const FIRST: usize = 10;

/// The longest name that is compared with others.
const LONGEST: usize = 64;

/// The most functions whose names are compared.
const COMPARED: usize = 10_000;

/// The most functions whose names are compared as often as a guest has it done.
const COMPARED_OFTEN: usize = 500;

/// The functions that a module exports.
pub(crate) struct FunctionNames {
    /// The first of them.
    names: Vec<String>,
    /// How many there are.
    count: usize,
}

impl FunctionNames {
    /// Those of a module that is asked once.
    pub(crate) fn of(module: &Module) -> Self {
        Self::first(module, COMPARED)
    }

    /// Some of a module that may be asked in each call of a guest.
    pub(crate) fn some(module: &Module) -> Self {
        Self::first(module, COMPARED_OFTEN)
    }

    fn first(module: &Module, most: usize) -> Self {
        let mut functions = module
            .exports()
            .filter(|export| matches!(export.ty(), ExternType::Func(_)));
        let names = functions.by_ref().take(most);
        let names: Vec<_> = names.map(|export| export.name().to_owned()).collect();
        Self {
            count: names.len() + functions.count(),
            names,
        }
    }

    /// The functions that may have been meant by a name, the nearest first, or if none has a name
    /// like it the first few; and how many there are.
    pub(crate) fn nearest(&self, name: &str) -> (Vec<String>, usize) {
        let likeness = |other: &str| {
            if name.len().max(other.len()) > LONGEST {
                return 0.0;
            }
            strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase())
        };
        let mut alike: Vec<_> = self
            .names
            .iter()
            .map(|other| (likeness(other), other))
            .collect();
        alike.retain(|(likeness, _)| *likeness > 0.8);
        alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let alike = alike.into_iter().map(|(_, other)| other).take(NEAREST);
        let mut named: Vec<_> = alike.cloned().collect();
        if named.is_empty() {
            named = self.names.iter().take(FIRST).cloned().collect();
        }
        (named, self.count)
    }
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

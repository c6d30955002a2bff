//! Suggests exported functions if a name is not exported.

use wasmtime::{ExternType, Module};

use crate::message;

/// How many similar names are suggested.
const NEAREST: usize = 5;

/// How many functions are listed if no name is similar.
const FIRST: usize = 10;

/// The longest name that is compared with others.
const LONGEST: usize = 64;

/// The most functions whose names are compared.
const COMPARED: usize = 10_000;

/// The most functions whose names are compared each time that a guest causes it.
const COMPARED_OFTEN: usize = 500;

/// The names of the functions that a module exports.
pub(crate) struct FunctionNames {
    /// The first names.
    names: Vec<String>,
    /// The number of all functions.
    count: usize,
}

impl FunctionNames {
    /// Collects the names of a module, for one comparison.
    pub(crate) fn of(module: &Module) -> Self {
        Self::first(module, COMPARED)
    }

    /// Collects fewer names, for comparisons that a guest may cause in each call.
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

    /// Returns the functions with similar names, the most similar first, or the first few functions
    /// if no name is similar. Also returns the number of all functions.
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

/// Prints the suggestions.
pub(crate) fn listed(nearest: &[String], functions: usize) -> String {
    let mut text = match functions {
        0 => return "it exports no function".to_owned(),
        all if all == nearest.len() => "it exports ".to_owned(),
        count => format!("similar names among the {count} functions that it exports: "),
    };
    message::quoted(&mut text, nearest).expect("a String takes all text");
    text
}

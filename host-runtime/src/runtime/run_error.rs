//! The error of running a module that has nothing to run.

use std::fmt;

use wasmtime::Module;

/// A module cannot be run: it has no start function, and no export called `_start` or
/// `_initialize`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingToRunError {
    exports: Vec<String>,
    more: usize,
}

/// How many exports are listed.
const SHOWN: usize = 10;

impl NothingToRunError {
    pub(super) fn new(module: &Module) -> Self {
        let functions = module
            .exports()
            .filter(|export| export.ty().func().is_some());
        let names: Vec<_> = functions.map(|export| export.name().to_owned()).collect();
        Self {
            more: names.len().saturating_sub(SHOWN),
            exports: names.into_iter().take(SHOWN).collect(),
        }
    }
}

impl fmt::Display for NothingToRunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the module has nothing to run: no start function, `_start` or `_initialize`; ",
        )?;
        if self.exports.is_empty() {
            return f.write_str("it also exports no function");
        }
        f.write_str(
            "instantiate it with `Runtime::instantiate` and call one of its exports with \
             `Instance::call`: ",
        )?;
        crate::message::quoted(f, &self.exports)?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl std::error::Error for NothingToRunError {}

//! For a type that host state cannot have, a single error says what to write.

use std::{cell::RefCell, rc::Rc};

use host_runtime::wasm_import;

trait Clock {}

#[wasm_import]
mod states {
    use super::*;

    fn trait_object(#[state] _clock: &dyn Clock) {}
    fn sendable(#[state] _clock: &mut (dyn Clock + Send)) {}
    fn counted(#[state] _log: &mut Rc<RefCell<String>>) {}
    fn slice(#[state] _log: &mut [u8]) {}
    fn text(#[state] _log: &str) {}
}

fn main() {}

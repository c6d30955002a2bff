//! A thousand host functions, annotated and by hand; the build script writes them.

use host_runtime::{
    Imports, imports,
    wasmtime::{Engine, Linker, Result},
};

use crate::hosts::Total;

include!(concat!(env!("OUT_DIR"), "/annotated.rs"));

/// The annotated ones.
pub fn set() -> Imports {
    imports![mod annotated]
}

/// A linker with all of them, by hand.
pub fn by_hand(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    include!(concat!(env!("OUT_DIR"), "/by_hand.rs"));
    Ok(linker)
}

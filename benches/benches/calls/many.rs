//! A thousand host functions, annotated and by hand. The build script writes them.

use host_runtime::{
    Imports, imports,
    wasmtime::{Engine, Linker, Result},
};

use crate::work::Total;

include!(concat!(env!("OUT_DIR"), "/annotated.rs"));

/// The annotated functions.
pub fn set() -> Imports {
    imports![mod annotated]
}

/// A linker with the functions by hand.
pub fn by_hand(engine: &Engine) -> Result<Linker<Total>> {
    let mut linker = Linker::new(engine);
    include!(concat!(env!("OUT_DIR"), "/by_hand.rs"));
    Ok(linker)
}

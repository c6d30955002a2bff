//! The host functions, each with the effect that the oracle predicts. Every row of the tables in
//! `host-runtime/docs/types.md` has at least one function.
//!
//! The parameters that a guest passes are named `a`, `b`, `c` and so on, so that the oracle can
//! predict which name an error reports.

mod allocating;
mod calling;
mod echoes;
mod globals;
mod kept;
mod prelude;
mod results;
mod touching;
mod using_guest;

use std::sync::LazyLock;

pub use self::{
    calling::{CALLBACKS, TABLE},
    globals::{GLOBALS, held},
    kept::{Counter, Sum},
};
use crate::judge::Entry;

/// All host functions.
pub static FUNCTIONS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let files = [
        touching::entries(),
        echoes::entries(),
        results::entries(),
        allocating::entries(),
        kept::entries(),
        vec![kept::method()],
        using_guest::entries(),
        calling::entries(),
        globals::entries(),
    ];
    files.into_iter().flatten().collect()
});

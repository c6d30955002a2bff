//! The host functions, at least one for each row of the tables in `host-runtime/docs/types.md`, and
//! beside each what the oracle says that it does.
//!
//! The parameters that a guest passes are called `a`, `b`, `c` and so on, by which errors are told
//! which of them is the bad one.

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

/// All of them.
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

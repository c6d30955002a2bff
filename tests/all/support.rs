//! What several modules share: guests, and text of theirs.

use host_runtime::{Imports, Instance, Runtime};

/// An instance of a guest that may import the functions and globals of a set.
#[track_caller]
pub fn guest(imports: Imports, wat: impl AsRef<[u8]>) -> Instance {
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    runtime.instantiate(wat).unwrap()
}

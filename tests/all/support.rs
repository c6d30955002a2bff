//! What several modules share: guests, linkers of an embedder, and what is said without lines.

use host_runtime::{
    HostData, Imports, Instance, Runtime,
    wasmtime::{Engine, Linker},
};

/// An instance of a guest, by a runtime that offers these imports.
#[track_caller]
pub fn guest(imports: Imports, wat: impl AsRef<[u8]>) -> Instance {
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    runtime.instantiate(wat).unwrap()
}

/// A linker that is not a runtime's, with these imports.
#[track_caller]
pub fn linker(engine: &Engine, imports: &Imports) -> Linker<HostData> {
    let mut linker = Linker::new(engine);
    imports.add_to_linker(&mut linker, |host| host).unwrap();
    linker
}

/// A message with `file.rs:LINE` for each place: lines move whenever a file changes.
pub fn without_lines(text: &str) -> String {
    let mut pieces = text.split(".rs:");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out += ".rs:LINE";
        out += piece.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

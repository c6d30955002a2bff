//! Helpers that several modules use.

use host_runtime::{
    HostData, Imports, Instance, Runtime,
    wasmtime::{Engine, Linker},
};

/// Instantiates a guest in a runtime that has these imports.
#[track_caller]
pub fn guest(imports: Imports, wat: impl AsRef<[u8]>) -> Instance {
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    runtime.instantiate(wat).unwrap()
}

/// An embedder's linker with these imports.
#[track_caller]
pub fn linker(engine: &Engine, imports: &Imports) -> Linker<HostData> {
    let mut linker = Linker::new(engine);
    imports.add_to_linker(&mut linker, |host| host).unwrap();
    linker
}

/// Replaces the line numbers in a message, which change when a file changes, with `LINE`.
pub fn without_lines(text: &str) -> String {
    let mut pieces = text.split(".rs:");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out += ".rs:LINE";
        out += piece.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

//! The annotated host functions.

use host_runtime::{Allocated, Callback, Guest, Handle, Handles, errors::HandleError, wasm_import};

use crate::work::{Block, File, TEXT, Total, fill_bytes, use_block, use_bytes, use_text};

/// Takes and returns a number.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn scalar(x: i32) -> i32 {
    x.wrapping_add(1)
}

/// Takes and returns a number, and uses host state.
#[wasm_import(module = "bench", name = "call")]
pub fn state(#[state] total: &mut Total, x: i32) -> i32 {
    total.0 = total.0.wrapping_add(x);
    total.0
}

/// Takes text.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn text(text: &str) -> u32 {
    use_text(text)
}

/// Takes text, and changes host state.
#[wasm_import(module = "bench", name = "call")]
pub fn text_and_state(#[state] total: &mut Total, text: &str) -> u32 {
    total.0 = total.0.wrapping_add(use_text(text).cast_signed());
    total.0.cast_unsigned()
}

/// Takes bytes.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn slice(bytes: &[u8]) -> u32 {
    use_bytes(bytes)
}

/// Fills a buffer of the guest.
#[wasm_import(module = "bench", name = "call")]
pub fn fill(out: &mut [u8]) -> u32 {
    fill_bytes(out)
}

/// Takes a struct by reference.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn block(block: &Block) -> u32 {
    use_block(block)
}

/// Returns text, in memory that the guest allocates.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn give() -> Allocated<String> {
    TEXT.to_owned().into()
}

/// Returns a new handle.
///
/// # Errors
///
/// If there are too many handles.
#[wasm_import(module = "bench", name = "open")]
pub fn open(#[state] files: &mut Handles) -> Result<Handle<File>, HandleError> {
    files.insert(File(0))
}

/// Looks up a handle.
///
/// # Errors
///
/// If the number is not a handle.
#[wasm_import(module = "bench", name = "call")]
pub fn read(#[state] files: &mut Handles, file: Handle<File>) -> Result<u32, HandleError> {
    let file = files.get_mut(file)?;
    file.0 = file.0.wrapping_add(1);
    Ok(file.0)
}

/// Calls the guest.
///
/// # Errors
///
/// If the guest traps.
#[wasm_import(module = "bench", name = "call")]
pub fn call_back(mut guest: Guest<'_>, f: Callback<i32, i32>) -> anyhow::Result<i32> {
    guest.call(&f, 41)
}

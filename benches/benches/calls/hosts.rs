//! The host functions, annotated.

use host_runtime::{Allocated, Callback, Guest, Handle, Handles, errors::HandleError, wasm_import};

/// What `total` and its counterpart by hand count in.
#[derive(Clone, Copy, Default, Debug)]
pub struct Total(pub i32);

/// A number in, a number out.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn scalar(x: i32) -> i32 {
    x.wrapping_add(1)
}

/// The same with host state.
#[wasm_import(module = "bench", name = "call")]
pub fn state(#[state] total: &mut Total, x: i32) -> i32 {
    total.0 = total.0.wrapping_add(x);
    total.0
}

/// Text in.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn text(text: &str) -> u32 {
    super::by_hand::use_text(text)
}

/// Bytes out.
#[wasm_import(module = "bench", name = "call")]
pub fn fill(out: &mut [u8]) -> u32 {
    super::by_hand::fill_bytes(out)
}

/// A struct in, by reference.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn block(block: &super::by_hand::Block) -> u32 {
    super::by_hand::use_block(block)
}

/// Text out, in room that the guest makes.
#[must_use]
#[wasm_import(module = "bench", name = "call")]
pub fn give() -> Allocated<String> {
    super::by_hand::TEXT.to_owned().into()
}

/// What a handle stands for.
#[derive(Debug)]
pub struct File(pub u32);

/// Gives a handle.
///
/// # Errors
///
/// If there are too many.
#[wasm_import(module = "bench", name = "open")]
pub fn open(#[state] files: &mut Handles) -> Result<Handle<File>, HandleError> {
    files.insert(File(0))
}

/// Looks a handle up.
///
/// # Errors
///
/// If it is none.
#[wasm_import(module = "bench", name = "call")]
pub fn read(#[state] files: &mut Handles, file: Handle<File>) -> Result<u32, HandleError> {
    let file = files.get_mut(file)?;
    file.0 = file.0.wrapping_add(1);
    Ok(file.0)
}

/// Calls the guest back.
///
/// # Errors
///
/// If that traps.
#[wasm_import(module = "bench", name = "call")]
pub fn call_back(mut guest: Guest<'_>, f: Callback<i32, i32>) -> anyhow::Result<i32> {
    guest.call(&f, 41)
}

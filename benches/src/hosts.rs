//! The host functions, annotated.

use host_runtime::wasm_import;

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

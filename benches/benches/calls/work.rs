//! What the host functions do, annotated and by hand.

use host_runtime::PlainData;

/// The state of `state` and of its version by hand.
#[derive(Clone, Copy, Default, Debug)]
pub struct Total(pub i32);

/// The value of a handle.
#[derive(Debug)]
pub struct File(pub u32);

/// The text that the functions return.
pub const TEXT: &str = "thirty-two bytes of plain ASCII!";

/// The body of the functions that take text.
pub fn use_text(text: &str) -> u32 {
    use_bytes(text.as_bytes())
}

/// The body of the functions that take bytes.
pub fn use_bytes(bytes: &[u8]) -> u32 {
    bytes.last().map_or(0, |last| u32::from(*last))
}

/// The body of the functions that take a buffer.
pub fn fill_bytes(out: &mut [u8]) -> u32 {
    out.fill(7);
    u32::from(out[0])
}

/// A struct that a guest passes by pointer.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Block {
    words: [u32; 16],
}

impl PlainData for Block {}

/// The body of the functions that take a struct.
pub fn use_block(block: &Block) -> u32 {
    block.words[0].wrapping_add(block.words[15])
}

//! Types that do not have the same layout in guest memory as in Rust.

use host_runtime::{PlainData, wasm_import};

#[derive(Clone, Copy, PlainData)]
struct NoRepr {
    x: u32,
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Padded {
    tag: u8,
    x: u32,
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct OfSize {
    length: usize,
}

#[derive(Clone, Copy, PlainData)]
#[repr(C, packed(2))]
struct Packed {
    x: u32,
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Borrowing<'a> {
    x: &'a [u8; 4],
}

#[derive(Clone, Copy, PlainData)]
#[repr(u8)]
enum Level {
    Info,
}

#[derive(PlainData)]
#[repr(C)]
struct NotCopy {
    x: u32,
}

#[wasm_import]
fn takes(_a: &NoRepr, _b: &Packed) {}

fn main() {}

//! Results in the guest's memory: allocated by the guest, at a return pointer, or in a buffer.

mod allocators;
mod buffers;
mod results;
mod return_pointers;

use std::{borrow::Cow, ffi::CString};

use host_runtime::{
    Allocated, Guest, HostObject, Imports, Instance, PlainData,
    values::{
        AssemblyScriptNew, AssemblyScriptString, CabiRealloc, Indirect, LastReturnPointer,
        PointerHigh, PointerLow, ReturnPointer, WbindgenMalloc,
    },
    wasm_import,
};

use crate::support;

#[derive(Clone, Copy, Debug, PartialEq, PlainData)]
#[repr(C)]
struct Pair {
    id: u64,
    size: u32,
    padding: u32,
}

const PAIR: Pair = Pair {
    id: 7,
    size: 9,
    padding: 0,
};

#[wasm_import]
mod give {
    use super::*;

    pub fn text() -> Allocated<String> {
        "grüße".to_owned().into()
    }
    pub fn literal() -> Allocated<Cow<'static, str>> {
        Allocated::new("literal".into())
    }
    pub fn empty() -> Allocated<String> {
        String::new().into()
    }
    pub fn numbers() -> Allocated<Vec<u32>> {
        vec![1, 2, 3].into()
    }
    pub fn utf16() -> Allocated<Vec<u16>> {
        Allocated::utf16("🦀x")
    }
    pub fn c_text() -> Allocated<CString> {
        c"c text".to_owned().into()
    }
    pub fn pair() -> Allocated<Pair> {
        PAIR.into()
    }
    pub fn low() -> PointerLow<Allocated<String>> {
        PointerLow("low".to_owned().into())
    }
    pub fn high() -> PointerHigh<Allocated<String>> {
        PointerHigh("high".to_owned().into())
    }
    pub fn behind() -> Indirect<Allocated<String>> {
        Indirect("behind".to_owned().into())
    }
    pub fn none() -> Option<Allocated<String>> {
        None
    }
    pub fn some() -> Option<Allocated<String>> {
        Some("some".to_owned().into())
    }
    pub fn none_low() -> PointerLow<Option<Allocated<String>>> {
        PointerLow(None)
    }
    pub fn none_behind() -> Indirect<Option<Allocated<String>>> {
        Indirect(None)
    }
    pub fn several() -> (u32, Allocated<String>, f64) {
        (5, "several".to_owned().into(), 2.5)
    }
    pub fn fallible(fail: bool) -> Result<Allocated<String>, std::io::Error> {
        if fail {
            return Err(std::io::Error::other("no text"));
        }
        Ok("fine".to_owned().into())
    }
    pub fn shout(text: &str) -> Allocated<String> {
        text.to_uppercase().into()
    }
    pub fn first(scale: u64) -> ReturnPointer<Pair> {
        ReturnPointer(Pair {
            id: PAIR.id * scale,
            ..PAIR
        })
    }
    pub fn last(scale: u64) -> LastReturnPointer<u64> {
        LastReturnPointer(scale * 2)
    }
    pub fn first_text(text: &str) -> ReturnPointer<Allocated<String>> {
        ReturnPointer(text.repeat(2).into())
    }
    pub fn last_c_text() -> LastReturnPointer<Allocated<CString>> {
        LastReturnPointer(c"last".to_owned().into())
    }
    pub fn first_none() -> ReturnPointer<Option<Allocated<String>>> {
        ReturnPointer(None)
    }
    pub fn code_and_value() -> (i32, ReturnPointer<u32>) {
        (-3, ReturnPointer(33))
    }
    pub fn canonical() -> Allocated<Vec<u64>, CabiRealloc> {
        vec![1].into()
    }
    pub fn bindgen() -> Allocated<Vec<u32>, WbindgenMalloc> {
        vec![1].into()
    }
    pub fn buffer() -> Allocated<Vec<u8>, AssemblyScriptNew> {
        vec![1, 2].into()
    }
    pub fn assembly_script() -> AssemblyScriptString {
        AssemblyScriptString("né".to_owned())
    }
    pub fn beside_object() -> (HostObject<u8>, Allocated<String>) {
        (HostObject::new(1), "beside".to_owned().into())
    }
    pub fn with_guest(mut guest: Guest<'_>, text: String) -> anyhow::Result<Allocated<String>> {
        guest.write(0u32, b"written")?;
        Ok(format!("{text}!").into())
    }
}

/// The size of the guest's memory in bytes.
const MEMORY_SIZE: u32 = 65536;

/// One allocator of each convention. All use the same bump allocator, which starts at 1024 and
/// returns multiples of 16. `request` is 100 times the last alignment or class ID, plus the last
/// size.
const ALLOCATORS: &str = r#"
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (global $request (export "request") (mut i32) (i32.const 0))
    (func $allocate (param $size i32) (result i32)
        (global.get $free)
        (global.set $free (i32.and
            (i32.add (i32.add (global.get $free) (local.get $size)) (i32.const 15))
            (i32.const -16))))
    (func (export "malloc") (param i32) (result i32) (call $allocate (local.get 0)))
    (func (export "cabi_realloc")
        (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
        (global.set $request
            (i32.add (i32.mul (local.get $align) (i32.const 100)) (local.get $size)))
        (i32.add
            (call $allocate (local.get $size))
            (i32.or (local.get $old) (local.get $old_size))))
    (func (export "__wbindgen_malloc") (param $size i32) (param $align i32) (result i32)
        (global.set $request
            (i32.add (i32.mul (local.get $align) (i32.const 100)) (local.get $size)))
        (call $allocate (local.get $size)))
    (func (export "__new") (param $size i32) (param $class i32) (result i32)
        (global.set $request
            (i32.add (i32.mul (local.get $class) (i32.const 100)) (local.get $size)))
        (call $allocate (local.get $size)))"#;

/// A guest with these definitions. It imports the only function of the set and exports a function
/// `call` of the same type that calls it.
fn guest(imports: Imports, ty: &str, definitions: &str) -> Instance {
    let name = imports.functions().next().unwrap().name();
    let params = ty.find("(result").map_or(ty, |end| &ty[..end]);
    let count = params
        .split_whitespace()
        .filter(|word| !word.contains("param"))
        .count();
    let arguments: String = (0..count).map(|i| format!("(local.get {i})")).collect();
    let module = format!(
        r#"(module (import "env" "{name}" (func $f {ty}))
            (func (export "call") {ty} (call $f {arguments}))
            {definitions})"#
    );
    support::guest(imports, module)
}

/// Calls the guest's `call`, and reads the bytes at the pointer and length that it returns.
fn returned_bytes(imports: Imports) -> Vec<u8> {
    let mut guest = guest(imports, "(result i32 i32)", ALLOCATORS);
    let (pointer, length) = guest.call::<(), (u32, u32)>("call", ()).unwrap();
    guest.read(pointer, length).unwrap().to_vec()
}

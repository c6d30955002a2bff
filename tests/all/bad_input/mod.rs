//! Bad values from a guest. The call traps with an error that names the import, the parameter, the
//! value and the reason. The instance remains usable.

mod after;
mod numbers;
mod pointers;
mod text;

use std::ffi::CStr;

use host_runtime::{
    FromGuest, HostCallError, Imports, ValueError,
    values::{AssemblyScriptStr, Indirect, PointerHigh, PointerLow, SliceList, Utf16},
    wasm_import,
    wasmtime::Val,
};
use host_tests::{instance, run};

use crate::support;

#[wasm_import(module = "ffi")]
mod ffi {
    pub fn byte(x: u8) -> u8 {
        x
    }
    pub fn signed(x: i16) -> i16 {
        x
    }
    pub fn flag(on: bool) -> bool {
        on
    }
    pub fn letter(c: char) -> char {
        c
    }
    pub fn text(text: &str) -> u64 {
        text.len() as u64
    }
    pub fn numbers(list: &[u32]) -> u64 {
        list.len() as u64
    }
    pub fn wide(list: &mut [f64]) -> u64 {
        list.fill(1.0);
        list.len() as u64
    }
    pub fn copied(text: String, list: Vec<i16>) -> u64 {
        (text.len() + list.len()) as u64
    }
    pub fn two(source: &[u8], target: &mut [u8]) -> u64 {
        let length = source.len().min(target.len());
        target[..length].copy_from_slice(&source[..length]);
        length as u64
    }
    pub fn both(a: &mut [u8], b: &mut [u8]) -> u64 {
        a.fill(1);
        b.fill(2);
        0
    }
    pub fn shared(a: &[u8], b: &str) -> u64 {
        (a.len() + b.len()) as u64
    }
    pub fn optional(text: Option<&str>) -> u64 {
        text.map_or(0, |text| text.len() as u64)
    }
}

#[derive(Clone, Copy, FromGuest)]
#[repr(u8)]
enum Level {
    Info = 1,
    Error = 4,
}

#[derive(FromGuest)]
struct Name<'a>(&'a str);

#[derive(FromGuest)]
#[repr(u64)]
enum Large {
    Half = 1 << 63,
}

#[wasm_import(module = "ffi")]
mod other {
    use super::{
        AssemblyScriptStr, CStr, Indirect, Large, Level, Name, PointerHigh, PointerLow, SliceList,
        Utf16,
    };

    pub(super) fn level(level: Level) -> u32 {
        level as u32
    }
    pub(super) fn large(_large: Large) {}
    pub(super) fn named(name: Name<'_>) -> u64 {
        name.0.len() as u64
    }
    pub(super) fn number(number: &u32) -> u32 {
        *number
    }
    pub(super) fn out(a: &mut u32, b: &mut [u16; 2]) -> u32 {
        *a = 1;
        b.fill(2);
        *a
    }
    pub(super) fn c(out: &mut [u8], text: &CStr) -> u64 {
        (out.len() + text.count_bytes()) as u64
    }
    pub(super) fn utf16(text: Utf16<'_>) -> u64 {
        text.0.len() as u64
    }
    pub(super) fn script(text: AssemblyScriptStr<'_>) -> u64 {
        text.0.0.len() as u64
    }
    pub(super) fn low(text: PointerLow<&str>) -> u64 {
        text.0.len() as u64
    }
    pub(super) fn high(bytes: PointerHigh<&mut [u8]>) -> u64 {
        bytes.0.len() as u64
    }
    pub(super) fn indirect(text: Indirect<String>) -> u64 {
        text.0.len() as u64
    }
    pub(super) fn list(list: SliceList<&mut [u8]>) -> u64 {
        list.0.len() as u64
    }
}

/// The error of a call: the text of its `HostCallError`, then that of its `ValueError`.
fn trap(imports: Imports, arguments: &[i32]) -> String {
    let mut instance = instance(imports, &[0xFF, b'a']).unwrap();
    let error = run(&mut instance, &values(arguments)).unwrap_err();
    let place: &HostCallError = error
        .downcast_ref()
        .expect("the error has a `HostCallError`");
    let reason: &ValueError = error.downcast_ref().expect("the error has a `ValueError`");
    support::without_lines(&format!("{place}: {reason}"))
}

fn values(arguments: &[i32]) -> Vec<Val> {
    arguments.iter().map(|&x| Val::I32(x)).collect()
}

/// The text of the `ValueError` of a call.
fn reason(imports: Imports, arguments: &[i32]) -> String {
    let text = trap(imports, arguments);
    text.split_once("): ")
        .expect("the text begins with the place")
        .1
        .to_owned()
}

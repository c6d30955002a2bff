//! Declarations of the host functions for guests in Rust.

use std::{ffi::c_void, mem::MaybeUninit, os::raw::c_char};

#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code)]
pub enum Color {
    Red,
    Green = 5,
    Blue,
}

#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Low = 1,
    High = 200,
}

#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flags(pub u32);

#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Celsius(pub f64);

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Body {
    pub x: f64,
    pub y: f64,
    pub mass: f32,
    pub id: u32,
}

#[repr(C)]
pub struct Event {
    pub kind: u8,
    pub code: u32,
    pub time: u64,
}

/// A slice in memory, as the host reads it.
#[repr(C)]
pub struct View {
    pub text: *const u8,
    pub length: usize,
}

impl View {
    pub fn of(text: &str) -> Self {
        Self { text: text.as_ptr(), length: text.len() }
    }
}

#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct File(pub u32);

#[link(wasm_import_module = "host")]
extern "C" {
    pub fn panic(text: *const u8, length: usize);

    pub fn integers(a: i8, b: u8, c: i16, d: u16, e: i32, f: u32, g: i64, h: u64);
    pub fn complement_i8(x: i8) -> i8;
    pub fn complement_u8(x: u8) -> u8;
    pub fn complement_i16(x: i16) -> i16;
    pub fn complement_u16(x: u16) -> u16;
    pub fn complement_i32(x: i32) -> i32;
    pub fn complement_u32(x: u32) -> u32;
    pub fn complement_i64(x: i64) -> i64;
    pub fn complement_u64(x: u64) -> u64;
    pub fn half_f32(x: f32) -> f32;
    pub fn half_f64(x: f64) -> f64;
    pub fn negate(x: bool) -> bool;
    pub fn capital(character: u32) -> u32;
    pub fn round_up(size: usize) -> usize;
    pub fn next_color(color: Color) -> Color;
    pub fn other_level(level: Level) -> Level;
    pub fn grant(flags: Flags) -> Flags;
    pub fn warmer(celsius: Celsius) -> Celsius;

    pub fn print_c(text: *const c_char);
    pub fn greet_c(name_or_null: *const c_char);
    pub fn print(text: *const u8, length: usize);
    pub fn greet(name_or_null: *const u8, length: usize);
    pub fn checksum(bytes: *const u8, length: usize) -> u32;
    pub fn fill(buffer: *mut u8, capacity: usize) -> usize;
    pub fn sum(numbers: *const i32, count: usize) -> i64;
    pub fn double_all(numbers: *mut f64, count: usize);

    pub fn distance(a: &Body, b: &Body) -> f64;
    pub fn step(body: &mut Body, x: f64);
    pub fn body_of(result: &mut MaybeUninit<Body>, id: u32);
    pub fn heaviest(bodies: *const Body, count: usize) -> usize;
    pub fn step_all(bodies: *mut Body, count: usize, x: f64);
    pub fn has_mass(body: Option<&Body>) -> bool;
    pub fn emit(event: &Event);

    pub fn print_view(text: &View);
    pub fn gather(chunks: *const View, count: usize) -> usize;
    pub fn print_low(text: u64);
    pub fn print_high(text: u64);
    pub fn trim(text: *const u8, length: usize) -> u64;

    pub fn parse(text: *const u8, length: usize, number: &mut i64) -> bool;
    pub fn each(
        numbers: *const i32,
        count: usize,
        f: unsafe extern "C" fn(*mut c_void, i32) -> i32,
        context: *mut c_void,
    ) -> i32;
    pub fn around(text: *const u8, length: usize, calls: &mut u32, f: extern "C" fn());

    pub fn host_name() -> *mut c_char;
    pub fn title(result: &mut MaybeUninit<View>, volume: u32);
    pub fn title_of_bindgen(result: &mut MaybeUninit<View>, volume: u32);
    pub fn find(name: *const u8, length: usize, size: &mut u32) -> i32;

    pub fn open_file(name: *const u8, length: usize) -> File;
    pub fn read_byte(file: File) -> i32;
    pub fn close_file(file: File);
}

//! Functions that read all their parameters, write those that are mutable, and return a digest.

#![expect(clippy::many_single_char_names, reason = "errors name the parameters")]

use std::ffi::{CStr, CString};

use host_runtime::{
    FromGuest, PlainData,
    values::{AssemblyScriptStr, Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
    wasm_import,
};

use crate::{functions::prelude::*, parameter::parameters};

/// Plain data with an alignment of 4 bytes.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Point {
    x: u32,
    y: u16,
    z: [u8; 2],
}

/// Plain data with an alignment of 8 bytes.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
pub struct Block {
    pub x: f64,
    pub y: u64,
    pub z: [u32; 2],
}

#[derive(FromGuest)]
struct Name<'a>(&'a str);

#[derive(FromGuest)]
struct Out<'a>(&'a mut [u16]);

parameters! {
    Name<'_> => <&str>::ROW, |x, digest| x.0.read(digest);
    Out<'_> => <&mut [u16]>::ROW, |x, digest| x.0.read(digest), |x, seed| x.0.write(seed);
}

/// Defines the functions from their names and parameters.
macro_rules! touching {
    ($($name:ident($($parameter:ident: $ty:ty),*);)*) => {
        $(
            #[wasm_import(module = "host")]
            fn $name($($parameter: $ty),*) -> u64 {
                $(let mut $parameter = $parameter;)*
                let mut digest = Digest::new();
                $(Parameter::read(&$parameter, &mut digest);)*
                let mut seeds = (0..).map(|place| digest.seed(place));
                $(Parameter::write(&mut $parameter, seeds.next().expect("seeds never end"));)*
                digest.value()
            }
        )*

        /// The oracle's entries for these functions.
        pub fn entries() -> Vec<Entry> {
            let touching = |name, rows| entry(name, rows, &[Kind::I64], touch);
            vec![$(touching(stringify!($name), vec![$(<$ty as Parameter>::ROW),*])),*]
        }
    };
}

touching! {
    bytes(a: &[u8]); text(a: &str); slice_i8(a: &[i8]); slice_u16(a: &[u16]); slice_i32(a: &[i32]);
    slice_f64(a: &[f64]); slice_arrays(a: &[[u16; 3]]); slice_points(a: &[Point]);
    slice_blocks(a: &[Block]); mut_bytes(a: &mut [u8]); mut_u32(a: &mut [u32]);
    mut_blocks(a: &mut [Block]); one(a: &u64); one_byte(a: &u8); one_array(a: &[u16; 3]);
    mut_one(a: &mut Point); string(a: String); vec_u8(a: Vec<u8>); vec_u32(a: Vec<u32>);
    vec_blocks(a: Vec<Block>); c_str(a: &CStr); utf16(a: Utf16<'_>);
    script(a: AssemblyScriptStr<'_>); low_text(a: PointerLow<&str>);
    low_mut(a: PointerLow<&mut [u16]>); high_bytes(a: PointerHigh<&[u8]>);
    high_vec(a: PointerHigh<Vec<u16>>); indirect(a: Indirect<&str>);
    indirect_mut(a: Indirect<&mut [u8]>); indirect_string(a: Indirect<String>);
    list(a: SliceList<&[u8]>); list_mut(a: SliceList<&mut [u8]>); list_text(a: SliceList<&str>);
    list_u32(a: SliceList<&[u32]>); list_strings(a: SliceList<String>);
    option_text(a: Option<&str>); option_mut(a: Option<&mut [u8]>); option_one(a: Option<&u32>);
    option_mut_one(a: Option<&mut u64>); option_string(a: Option<String>);
    option_vec(a: Option<Vec<u16>>); option_c_str(a: Option<&CStr>);
    option_utf16(a: Option<Utf16<'_>>); option_script(a: Option<AssemblyScriptStr<'_>>);
    name(a: Name<'_>); c_string(a: CString); out(a: OutBuffer<'_, u16>);
    option_c_string(a: Option<CString>); option_out(a: Option<OutBuffer<'_>>);
    option_low(a: Option<PointerLow<&str>>); option_high(a: Option<PointerHigh<&mut [u8]>>);
    option_indirect(a: Option<Indirect<&str>>);

    numbers(a: i32, b: u32, c: i64, d: u64, e: f32, f: f64);
    small(a: i8, b: u8, c: i16, d: u16);
    truths(a: bool, b: char);
    mut_and_c_string(a: &mut [u8], b: CString);
    out_and_vec(a: OutBuffer<'_>, b: Vec<u16>);
    two_mut(a: &mut [u8], b: &mut [u8]);
    mut_and_shared(a: &mut [u8], b: &[u8]);
    shared_and_mut(a: &str, b: &mut [u32]);
    two_shared_and_mut(a: &[u8], b: &[u16], c: &mut [u8]);
    option_and_mut(a: Option<&str>, b: &mut [u8]);
    list_and_mut(a: SliceList<&[u8]>, b: &mut [u8]);
    mut_and_list(a: &mut [u8], b: SliceList<&[u8]>);
    list_mut_and_text(a: SliceList<&mut [u8]>, b: &str);
    mut_and_c_str(a: &mut [u8], b: &CStr);
    c_str_and_mut(a: &CStr, b: &mut [u8]);
    mut_and_script(a: &mut [u8], b: AssemblyScriptStr<'_>);
    script_and_mut(a: AssemblyScriptStr<'_>, b: &mut [u8]);
    mut_and_indirect(a: &mut [u8], b: Indirect<&[u8]>);
    indirect_and_mut(a: Indirect<&str>, b: &mut [u8]);
    string_and_mut(a: String, b: &mut [u8]);
    mut_and_string(a: &mut [u8], b: String);
    three_mut(a: &mut Point, b: Out<'_>, c: &mut u64);
    four(a: &u16, b: &mut Point, c: Option<&mut u32>, d: &mut [u8; 5]);
    copies(a: String, b: Vec<u8>, c: Indirect<String>);
    vecs(a: Vec<u8>, b: Vec<u16>);
    mixed(a: i8, b: &str, c: PointerLow<&mut [u8]>, d: bool, e: &mut [u16]);
}

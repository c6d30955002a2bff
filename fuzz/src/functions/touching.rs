//! Functions that read all they are passed, then write all they may, and return what they read.

use std::ffi::{CStr, CString};

use host_runtime::{
    FromGuest, PlainData,
    values::{AssemblyScriptStr, Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
    wasm_import,
};

use crate::{
    digest::Digest,
    functions::table::entry,
    judge::{self, Entry},
    parameter::{Parameter, parameters},
    row::Row,
    value::Kind,
};

/// Plain data that is aligned to 4 bytes.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Point {
    x: u32,
    y: u16,
    z: [u8; 2],
}

/// Plain data that is aligned to 8 bytes.
#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Block {
    x: f64,
    y: u64,
    z: [u32; 2],
}

#[derive(FromGuest)]
struct Name<'a>(&'a str);

#[derive(FromGuest)]
struct Out<'a>(&'a mut [u16]);

parameters! {
    Name<'_> => <&str>::ROW, |x, digest| x.0.read(digest);
    Out<'_> => <&mut [u16]>::ROW, |x, digest| x.0.read(digest), |x, seed| x.0.write(seed);
}

macro_rules! touching {
    ($(fn $name:ident($($parameter:ident: $ty:ty),*);)*) => {
        $(
            #[wasm_import(module = "host")]
            fn $name($($parameter: $ty),*) -> u64 {
                $(let mut $parameter = $parameter;)*
                let mut digest = Digest::new();
                $(Parameter::read(&$parameter, &mut digest);)*
                let mut seeds = (0..).map(|place| digest.seed(place));
                $(Parameter::write(&mut $parameter, seeds.next().expect("it has no end"));)*
                digest.value()
            }
        )*

        /// What the oracle knows of them.
        pub fn entries() -> Vec<Entry> {
            vec![$({
                let rows = vec![$(<$ty as Parameter>::ROW),*];
                entry(stringify!($name), rows, &[Kind::I64], judge::touch)
            }),*]
        }
    };
}

touching! {
    fn numbers(a: i32, b: u32, c: i64, d: u64, e: f32, f: f64);
    fn small(a: i8, b: u8, c: i16, d: u16);
    fn truths(a: bool, b: char);

    fn bytes(a: &[u8]);
    fn text(a: &str);
    fn slice_i8(a: &[i8]);
    fn slice_u16(a: &[u16]);
    fn slice_i32(a: &[i32]);
    fn slice_f64(a: &[f64]);
    fn slice_arrays(a: &[[u16; 3]]);
    fn slice_points(a: &[Point]);
    fn slice_blocks(a: &[Block]);
    fn mut_bytes(a: &mut [u8]);
    fn mut_u32(a: &mut [u32]);
    fn mut_blocks(a: &mut [Block]);
    fn one(a: &u64);
    fn one_byte(a: &u8);
    fn one_array(a: &[u16; 3]);
    fn mut_one(a: &mut Point);
    fn string(a: String);
    fn vec_u8(a: Vec<u8>);
    fn vec_u32(a: Vec<u32>);
    fn vec_blocks(a: Vec<Block>);

    fn c_str(a: &CStr);
    fn utf16(a: Utf16<'_>);
    fn script(a: AssemblyScriptStr<'_>);
    fn low_text(a: PointerLow<&str>);
    fn low_mut(a: PointerLow<&mut [u16]>);
    fn high_bytes(a: PointerHigh<&[u8]>);
    fn high_vec(a: PointerHigh<Vec<u16>>);
    fn indirect(a: Indirect<&str>);
    fn indirect_mut(a: Indirect<&mut [u8]>);
    fn indirect_string(a: Indirect<String>);
    fn list(a: SliceList<&[u8]>);
    fn list_mut(a: SliceList<&mut [u8]>);
    fn list_text(a: SliceList<&str>);
    fn list_u32(a: SliceList<&[u32]>);
    fn list_strings(a: SliceList<String>);

    fn option_text(a: Option<&str>);
    fn option_mut(a: Option<&mut [u8]>);
    fn option_one(a: Option<&u32>);
    fn option_mut_one(a: Option<&mut u64>);
    fn option_string(a: Option<String>);
    fn option_vec(a: Option<Vec<u16>>);
    fn option_c_str(a: Option<&CStr>);
    fn option_utf16(a: Option<Utf16<'_>>);
    fn option_script(a: Option<AssemblyScriptStr<'_>>);
    fn name(a: Name<'_>);
    fn c_string(a: CString);
    fn out(a: OutBuffer<'_, u16>);
    fn option_c_string(a: Option<CString>);
    fn option_out(a: Option<OutBuffer<'_>>);
    fn option_low(a: Option<PointerLow<&str>>);
    fn option_high(a: Option<PointerHigh<&mut [u8]>>);
    fn option_indirect(a: Option<Indirect<&str>>);
    fn mut_and_c_string(a: &mut [u8], b: CString);
    fn out_and_vec(a: OutBuffer<'_>, b: Vec<u16>);

    fn two_mut(a: &mut [u8], b: &mut [u8]);
    fn mut_and_shared(a: &mut [u8], b: &[u8]);
    fn shared_and_mut(a: &str, b: &mut [u32]);
    fn two_shared_and_mut(a: &[u8], b: &[u16], c: &mut [u8]);
    fn option_and_mut(a: Option<&str>, b: &mut [u8]);
    fn list_and_mut(a: SliceList<&[u8]>, b: &mut [u8]);
    fn mut_and_list(a: &mut [u8], b: SliceList<&[u8]>);
    fn list_mut_and_text(a: SliceList<&mut [u8]>, b: &str);
    fn mut_and_c_str(a: &mut [u8], b: &CStr);
    fn c_str_and_mut(a: &CStr, b: &mut [u8]);
    fn mut_and_script(a: &mut [u8], b: AssemblyScriptStr<'_>);
    fn script_and_mut(a: AssemblyScriptStr<'_>, b: &mut [u8]);
    fn mut_and_indirect(a: &mut [u8], b: Indirect<&[u8]>);
    fn indirect_and_mut(a: Indirect<&str>, b: &mut [u8]);
    fn string_and_mut(a: String, b: &mut [u8]);
    fn mut_and_string(a: &mut [u8], b: String);
    fn three_mut(a: &mut Point, b: Out<'_>, c: &mut u64);
    fn four(a: &u16, b: &mut Point, c: Option<&mut u32>, d: &mut [u8; 5]);
    fn copies(a: String, b: Vec<u8>, c: Indirect<String>);
    fn mixed(a: i8, b: &str, c: PointerLow<&mut [u8]>, d: bool, e: &mut [u16]);
}

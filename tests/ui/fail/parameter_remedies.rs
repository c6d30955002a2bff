//! For a parameter type that guests cannot pass, a single error says what to write.

use std::ffi::{c_char, c_void};

use host_runtime::{Guest, GuestPointer, GuestSlice, wasm_import};

#[wasm_import]
mod pointers {
    use super::*;

    fn bytes(_at: *mut u8) {}
    fn text(_at: *const c_char) {}
    fn anything(_at: *mut c_void) {}
}

#[wasm_import]
mod borrows {
    fn string(_text: &String) {}
    fn string_to_change(_text: &mut String) {}
    fn str_to_change(_text: &mut str) {}
    fn vec(_numbers: &Vec<u32>) {}
    fn vec_to_change(_log: &mut Vec<String>) {}
    fn boolean(_flag: &mut bool) {}
    fn character(_c: &char) {}
    fn size(_length: &mut usize) {}
    fn trait_object(_clock: &mut dyn std::fmt::Write) {}
}

#[wasm_import]
mod lists {
    fn texts(_parts: &[&str]) {}
    fn strings(_parts: Vec<String>) {}
    fn bytes(_parts: &[&mut [u8]]) {}
    fn vecs(_parts: &[Vec<u32>]) {}
    fn booleans(_flags: &mut [bool]) {}
    fn sizes(_sizes: Vec<usize>) {}
}

#[wasm_import]
mod functions {
    fn pointer(_f: fn(i32) -> i32) {}
    fn unsafe_pointer(_f: Option<extern "C" fn(i32)>) {}
    fn closure(_f: impl Fn(i32)) {}
    fn boxed(_f: Box<dyn FnMut()>) {}
    fn borrowed(_f: &dyn Fn()) {}
}

#[wasm_import]
mod values {
    fn tuple(point: (f32, f32)) {
        let _ = point;
    }
    fn option(_x: Option<u32>) {}
    fn size(_length: usize) {}
}

#[wasm_import]
mod lazy {
    use super::*;

    fn pointer(_guest: Guest<'_>, _flag: GuestPointer<bool>) {}
    fn slice(_guest: Guest<'_>, _flag: GuestSlice<usize>) {}
    fn borrowed(_guest: Guest<'_>, _name: &String) {}
}

macro_rules! by_macro {
    ($ty:ty) => {
        #[wasm_import]
        fn by_macro(_x: $ty) {}
    };
}

by_macro!(&String);

fn main() {}

//! The types of parameters, except those in `both`.

use std::ffi::{CStr, CString};

use host_runtime::{
    Callback, CallbackRef, Guest, GuestPointer, GuestSize, GuestSlice, PlainData, ValueError,
    imports,
    values::{AssemblyScriptStr, Indirect, OutBuffer, PointerHigh, PointerLow, SliceList, Utf16},
    wasm_import,
    wasmtime::Val,
};

use super::{INDIRECT, NUMBERS, Row, TEXT, UNITS, row};

#[wasm_import]
fn take_str(x: &str) -> u32 {
    assert_eq!(x, "héllo");
    1
}

#[wasm_import]
fn take_c_string(x: CString) -> u32 {
    assert_eq!(x.as_c_str(), c"h\xc3\xa9llo");
    1
}

#[wasm_import]
fn take_out(mut x: OutBuffer<'_, u8>) -> GuestSize {
    x.write(b"12345678")
}

#[wasm_import]
fn take_bytes(x: &[u8]) -> u32 {
    assert_eq!(x, "héllo".as_bytes());
    1
}

#[wasm_import]
fn take_slice(x: &[u16]) -> u32 {
    assert_eq!(x, [0x0201, 0x0403, 0x0605, 0x0807]);
    1
}

#[wasm_import]
fn take_bytes_mut(x: &mut [u8]) -> u32 {
    x.reverse();
    u32::from(x[0])
}

#[wasm_import]
fn take_slice_mut(x: &mut [u64]) -> u64 {
    x[0] += 1;
    x[0]
}

#[wasm_import]
fn take_string(x: String) -> u32 {
    assert_eq!(x, "héllo");
    1
}

#[wasm_import]
fn take_vec(x: Vec<f32>) -> u32 {
    assert_eq!(x.len(), 2);
    x[0].to_bits()
}

#[wasm_import]
fn take_option(x: Option<&str>) -> bool {
    x.is_some_and(|x| x == "héllo")
}

#[wasm_import]
fn take_option_mut(x: Option<&mut [u8]>) -> bool {
    x.is_none()
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Pair {
    a: u32,
    b: u32,
}

#[wasm_import]
fn take_plain(x: &Pair) -> u32 {
    assert_eq!(x.b, 0x0807_0605);
    x.a
}

#[wasm_import]
fn take_plain_mut(x: &mut Pair, y: &mut [u16; 2]) -> u32 {
    x.a += 1;
    y.fill(0);
    x.a
}

#[wasm_import]
fn take_c_str(x: &CStr) -> u32 {
    assert_eq!(x.to_str(), Ok("héllo"));
    1
}

#[wasm_import]
fn take_utf16(x: Utf16<'_>) -> u32 {
    assert_eq!(x.to_string(), "hi");
    1
}

#[wasm_import]
fn take_assembly_script(x: AssemblyScriptStr<'_>) -> u32 {
    assert_eq!(x.to_text().as_deref(), Some("hi"));
    1
}

#[wasm_import]
fn take_low(x: PointerLow<&str>) -> u32 {
    take_str(x.0)
}

#[wasm_import]
fn take_high(x: PointerHigh<&[u8]>) -> u32 {
    take_bytes(x.0)
}

#[wasm_import]
fn take_indirect(x: Indirect<&str>) -> u32 {
    take_str(x.0)
}

#[wasm_import]
fn take_list(x: SliceList<&[u8]>) -> u32 {
    let [text] = x.0[..] else { panic!("{x:?}") };
    take_bytes(text)
}

#[wasm_import]
fn take_callback(x: Callback<i32, i32>) -> u32 {
    u32::try_from(x.index()).unwrap() + 1
}

#[wasm_import]
fn take_callback_ref(_x: CallbackRef<i32, i32>) -> u32 {
    1
}

#[wasm_import]
fn take_pointer(x: GuestPointer<u32>, mut guest: Guest<'_>) -> Result<u32, ValueError> {
    x.read(&mut guest)
}

#[wasm_import]
fn take_late_slice(mut guest: Guest<'_>, x: GuestSlice<u8>) -> Result<u32, ValueError> {
    Ok(take_bytes(&x.to_vec(&mut guest)?))
}

#[expect(clippy::too_many_lines, reason = "it lists a row for each type")]
pub(super) fn rows() -> Vec<Row> {
    let one = [Val::I32(1)];
    let at = |pointer| [Val::I32(pointer)];
    vec![
        row(
            "&T",
            imports![take_plain],
            &at(NUMBERS),
            &[Val::I32(0x0403_0201)],
        ),
        row(
            "&mut T",
            imports![take_plain_mut],
            &[Val::I32(NUMBERS), Val::I32(UNITS)],
            &[Val::I32(0x0403_0202)],
        ),
        row(
            "Callback<P, R>",
            imports![take_callback],
            &[Val::I32(0)],
            &one,
        ),
        row(
            "CallbackRef<P, R>",
            imports![take_callback_ref],
            &[Val::FuncRef(None)],
            &one,
        ),
        row(
            "GuestPointer<T>",
            imports![take_pointer],
            &at(NUMBERS),
            &[Val::I32(0x0403_0201)],
        ),
        row("GuestSlice<T>", imports![take_late_slice], &TEXT, &one),
        row("&CStr", imports![take_c_str], &at(64), &one),
        row("CString", imports![take_c_string], &at(64), &one),
        row(
            "OutBuffer<'_, T>",
            imports![take_out],
            &[Val::I32(1000), Val::I32(3)],
            &[Val::I32(3)],
        ),
        row(
            "Utf16<'_>",
            imports![take_utf16],
            &[Val::I32(UNITS), Val::I32(2)],
            &one,
        ),
        row(
            "AssemblyScriptStr<'_>",
            imports![take_assembly_script],
            &at(UNITS),
            &one,
        ),
        row(
            "PointerLow<…>",
            imports![take_low],
            &[Val::I64(0x0000_0006_0000_0040)],
            &one,
        ),
        row(
            "PointerHigh<…>",
            imports![take_high],
            &[Val::I64(0x0000_0040_0000_0006)],
            &one,
        ),
        row("Indirect<…>", imports![take_indirect], &at(INDIRECT), &one),
        row(
            "SliceList<…>",
            imports![take_list],
            &[Val::I32(INDIRECT), Val::I32(1)],
            &one,
        ),
        row("&str", imports![take_str], &TEXT, &one),
        row("&[u8]", imports![take_bytes], &TEXT, &one),
        row(
            "&[T]",
            imports![take_slice],
            &[Val::I32(NUMBERS), Val::I32(4)],
            &one,
        ),
        row(
            "&mut [u8]",
            imports![take_bytes_mut],
            &TEXT,
            &[Val::I32('o' as i32)],
        ),
        row(
            "&mut [T]",
            imports![take_slice_mut],
            &[Val::I32(NUMBERS), Val::I32(1)],
            &[Val::I64(0x0807_0605_0403_0202)],
        ),
        row("String", imports![take_string], &TEXT, &one),
        row(
            "Vec<T>",
            imports![take_vec],
            &[Val::I32(NUMBERS), Val::I32(2)],
            &[Val::I32(0x0403_0201)],
        ),
        row("Option<…>", imports![take_option], &TEXT, &one),
        row(
            "Option<…>",
            imports![take_option_mut],
            &[Val::I32(0), Val::I32(-1)],
            &one,
        ),
    ]
}

//! The tables in `host-runtime/docs/types.md`, row by row through a real guest: a row that is not run here, or
//! that a guest finds to be otherwise, fails.

#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    reason = "what a signature is to a guest is what is tested"
)]

use std::collections::BTreeMap;

use std::ffi::{CStr, CString};

use host_runtime::{
    Allocated, AssemblyScriptStr, AssemblyScriptString, Callback, CallbackRef, ErrorCode,
    FromGuest, Guest, GuestPointer, GuestSize, GuestSlice, Handle, HostObject, Imports, Indirect,
    IntoGuest, LastReturnPointer, OutBuffer, PlainData, PointerHigh, PointerLow, ResultCode,
    ReturnPointer, SliceList, Utf16, ValueError, imports, wasm_import,
    wasmtime::{
        AnyRef, ArrayRef, EqRef, ExnRef, ExternRef, Func, I31, Rooted, StructRef, V128, Val,
    },
};

/// What the guest's memory holds at 64: text, then numbers.
const DATA: &[u8] = b"h\xc3\xa9llo\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\
    \x40\x00\x00\x00\x06\x00\x00\x00\x04\x00\x00\x00h\x00i\x00";
/// The text and its bytes.
const TEXT: [Val; 2] = [Val::I32(64), Val::I32(6)];
/// Where the numbers are.
const NUMBERS: i32 = 72;
/// Where a pointer to the text and its length are.
const INDIRECT: i32 = 80;
/// Where two units of UTF-16 are, their length in bytes before them.
const UNITS: i32 = 92;

/// One row: the type as the chapter writes it, a function with it, what a guest passes and gets.
struct Row {
    ty: &'static str,
    imports: Imports,
    passes: Vec<Val>,
    gets: Vec<Val>,
}

fn row(ty: &'static str, imports: Imports, passes: &[Val], gets: &[Val]) -> Row {
    Row {
        ty,
        imports,
        passes: passes.to_vec(),
        gets: gets.to_vec(),
    }
}

/// Functions that give back what they get.
macro_rules! echoes {
    ($($name:ident: $ty:ty),*) => {$(
        #[wasm_import]
        fn $name(x: $ty) -> $ty {
            x
        }
    )*};
}

#[derive(FromGuest, IntoGuest)]
#[repr(u16)]
enum Mode {
    Off = 2,
    On = 700,
}

#[derive(FromGuest, IntoGuest)]
struct Celsius {
    degrees: f64,
}

#[derive(Clone, Copy, PlainData)]
#[repr(C)]
struct Pair {
    a: u32,
    b: u32,
}

echoes! {
    take_func: Option<Func>, take_extern: Option<Rooted<ExternRef>>,
    take_any: Option<Rooted<AnyRef>>, take_eq: Option<Rooted<EqRef>>, take_i31: Option<I31>,
    take_struct: Option<Rooted<StructRef>>, take_array: Option<Rooted<ArrayRef>>,
    take_exn: Option<Rooted<ExnRef>>, take_object: Option<HostObject<u8>>,
    take_handle: Handle<u8>, take_enum: Mode, take_newtype: Celsius, take_v128: V128, take_size: GuestSize,
    take_i32: i32, take_u32: u32, take_i64: i64, take_u64: u64, take_f32: f32, take_f64: f64,
    take_i8: i8, take_u8: u8, take_i16: i16, take_u16: u16, take_bool: bool, take_char: char
}

#[wasm_import]
fn take_str(x: &str) -> u32 {
    assert_eq!(x, "héllo");
    1
}

/// Where the guest's allocators begin.
const DEFERRED: i32 = 4096;

#[wasm_import]
fn give_allocated() -> Allocated<String> {
    "abc".to_owned().into()
}

#[wasm_import]
fn give_allocated_low() -> PointerLow<Allocated<String>> {
    PointerLow("abc".to_owned().into())
}

#[wasm_import]
fn give_allocated_high() -> PointerHigh<Allocated<String>> {
    PointerHigh("abc".to_owned().into())
}

#[wasm_import]
fn give_allocated_behind() -> Indirect<Allocated<String>> {
    Indirect("abc".to_owned().into())
}

#[wasm_import]
fn give_allocated_option() -> Option<Allocated<String>> {
    None
}

#[wasm_import]
fn give_assembly_script() -> AssemblyScriptString {
    AssemblyScriptString("abc".to_owned())
}

#[wasm_import]
fn give_return_pointer(x: u32) -> ReturnPointer<u32> {
    ReturnPointer(x)
}

#[wasm_import]
fn give_last_return_pointer(x: u32) -> LastReturnPointer<u32> {
    LastReturnPointer(x)
}

#[derive(ResultCode)]
enum Errno {
    Inval = 7,
}

#[derive(ResultCode)]
enum Negative {
    Inval = -3,
}

#[wasm_import]
fn give_code(fine: bool) -> Result<(), ErrorCode<Errno>> {
    fine.then_some(()).ok_or(Errno::Inval.into())
}

#[wasm_import]
fn give_number_or_code(fine: bool) -> Result<i64, ErrorCode<Negative>> {
    fine.then_some(1).ok_or(Negative::Inval.into())
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

#[expect(clippy::too_many_lines, reason = "a row for each type")]
fn parameters() -> Vec<Row> {
    let one = [Val::I32(1)];
    let at = |pointer| [Val::I32(pointer)];
    vec![
        row(
            "a C-like enum",
            imports![take_enum],
            &[Val::I32(700)],
            &[Val::I32(700)],
        ),
        row(
            "a newtype",
            imports![take_newtype],
            &[0.5f64.into()],
            &[0.5f64.into()],
        ),
        row(
            "V128",
            imports![take_v128],
            &[Val::V128(7.into())],
            &[Val::V128(7.into())],
        ),
        row(
            "GuestSize",
            imports![take_size],
            &[Val::I32(-1)],
            &[Val::I32(-1)],
        ),
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
            "Option<Func>",
            imports![take_func],
            &[Val::FuncRef(None)],
            &[Val::FuncRef(None)],
        ),
        row(
            "Option<Rooted<ExternRef>>",
            imports![take_extern],
            &[Val::ExternRef(None)],
            &[Val::ExternRef(None)],
        ),
        row(
            "Option<Rooted<AnyRef>>",
            imports![take_any],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<EqRef>>",
            imports![take_eq],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<I31>",
            imports![take_i31],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<StructRef>>",
            imports![take_struct],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<ArrayRef>>",
            imports![take_array],
            &[Val::AnyRef(None)],
            &[Val::AnyRef(None)],
        ),
        row(
            "Option<Rooted<ExnRef>>",
            imports![take_exn],
            &[Val::ExnRef(None)],
            &[Val::ExnRef(None)],
        ),
        row(
            "Option<HostObject<T>>",
            imports![take_object],
            &[Val::ExternRef(None)],
            &[Val::ExternRef(None)],
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
            "Handle<T>",
            imports![take_handle],
            &[Val::I32(-1)],
            &[Val::I32(-1)],
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
        row("i32", imports![take_i32], &[Val::I32(-1)], &[Val::I32(-1)]),
        row("u32", imports![take_u32], &[Val::I32(-1)], &[Val::I32(-1)]),
        row("i64", imports![take_i64], &[Val::I64(-1)], &[Val::I64(-1)]),
        row("u64", imports![take_u64], &[Val::I64(-1)], &[Val::I64(-1)]),
        row(
            "f32",
            imports![take_f32],
            &[1.5f32.into()],
            &[1.5f32.into()],
        ),
        row(
            "f64",
            imports![take_f64],
            &[1.5f64.into()],
            &[1.5f64.into()],
        ),
        row(
            "i8",
            imports![take_i8],
            &[Val::I32(-128)],
            &[Val::I32(-128)],
        ),
        row("u8", imports![take_u8], &[Val::I32(255)], &[Val::I32(255)]),
        row(
            "i16",
            imports![take_i16],
            &[Val::I32(-32768)],
            &[Val::I32(-32768)],
        ),
        row(
            "u16",
            imports![take_u16],
            &[Val::I32(65535)],
            &[Val::I32(65535)],
        ),
        row("bool", imports![take_bool], &one, &one),
        row(
            "char",
            imports![take_char],
            &[Val::I32('é' as i32)],
            &[Val::I32('é' as i32)],
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

#[wasm_import]
fn give_nothing() {}

#[wasm_import]
fn give_tuple() -> (i32, f64, u8) {
    (-1, 0.5, 255)
}

#[wasm_import]
fn give_low() -> PointerLow<(u32, u32)> {
    PointerLow((64, 6))
}

#[wasm_import]
fn give_high() -> PointerHigh<(u32, u32)> {
    PointerHigh((64, 6))
}

#[wasm_import]
fn give_result() -> Result<(bool, i64), std::num::ParseIntError> {
    Ok((true, "-5".parse()?))
}

#[wasm_import]
fn give_anyhow() -> anyhow::Result<char> {
    Ok('A')
}

#[wasm_import]
fn give_wasmtime() -> host_runtime::wasmtime::Result<()> {
    Ok(())
}

fn results() -> Vec<Row> {
    let mut rows = vec![
        row("()", imports![give_nothing], &[], &[]),
        row(
            "PointerLow<(u32, u32)>",
            imports![give_low],
            &[],
            &[Val::I64(0x0000_0006_0000_0040)],
        ),
        row(
            "PointerHigh<(u32, u32)>",
            imports![give_high],
            &[],
            &[Val::I64(0x0000_0040_0000_0006)],
        ),
        row(
            "(A, B, …)",
            imports![give_tuple],
            &[],
            &[Val::I32(-1), 0.5f64.into(), Val::I32(255)],
        ),
        row(
            "Result<R, E>",
            imports![give_result],
            &[],
            &[Val::I32(1), Val::I64(-5)],
        ),
        row("Result<R, E>", imports![give_anyhow], &[], &[Val::I32(65)]),
        row("Result<R, E>", imports![give_wasmtime], &[], &[]),
    ];
    rows.extend(placed_results());
    // The functions that take a number or the like give it back.
    rows.extend(parameters().into_iter().filter(|row| {
        let function = row.imports.functions().next().unwrap();
        let types = function.parameters()[0].types();
        types == function.results() && format!("{:?}", row.passes) == format!("{:?}", row.gets)
    }));
    rows
}

/// Results that lie in the guest's memory, or are codes.
fn placed_results() -> Vec<Row> {
    vec![
        row(
            "Allocated<T, A>",
            imports![give_allocated],
            &[],
            &[Val::I32(DEFERRED), Val::I32(3)],
        ),
        row(
            "PointerLow<Allocated<T, A>>",
            imports![give_allocated_low],
            &[],
            &[Val::I64(3 << 32 | i64::from(DEFERRED))],
        ),
        row(
            "PointerHigh<Allocated<T, A>>",
            imports![give_allocated_high],
            &[],
            &[Val::I64(i64::from(DEFERRED) << 32 | 3)],
        ),
        row(
            "Indirect<Allocated<T, A>>",
            imports![give_allocated_behind],
            &[],
            &[Val::I32(DEFERRED)],
        ),
        row(
            "Option<Allocated<T, A>>",
            imports![give_allocated_option],
            &[],
            &[Val::I32(0), Val::I32(0)],
        ),
        row(
            "AssemblyScriptString",
            imports![give_assembly_script],
            &[],
            &[Val::I32(DEFERRED)],
        ),
        row(
            "ReturnPointer<T>",
            imports![give_return_pointer],
            &[Val::I32(NUMBERS), Val::I32(5)],
            &[],
        ),
        row(
            "LastReturnPointer<T>",
            imports![give_last_return_pointer],
            &[Val::I32(5), Val::I32(NUMBERS)],
            &[],
        ),
        row(
            "Result<(), ErrorCode<E>>",
            imports![give_code],
            &[Val::I32(0)],
            &[Val::I32(7)],
        ),
        row(
            "Result<(), ErrorCode<E>>",
            imports![give_code],
            &[Val::I32(1)],
            &[Val::I32(0)],
        ),
        row(
            "Result<R, ErrorCode<E>>",
            imports![give_number_or_code],
            &[Val::I32(1)],
            &[Val::I64(1)],
        ),
        row(
            "Result<R, ErrorCode<E>>",
            imports![give_number_or_code],
            &[Val::I32(0)],
            &[Val::I64(-3)],
        ),
    ]
}

/// The rows of the chapter's table with `heading` at its top left: the types of the first column,
/// and the second column.
fn documented(heading: &str) -> BTreeMap<String, String> {
    let chapter = include_str!("../../host-runtime/docs/types.md");
    let table = chapter
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {heading} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut rows = BTreeMap::new();
    for line in table {
        let cells: Vec<_> = line
            .split(" | ")
            .map(|cell| cell.trim_matches(['|', ' ']))
            .collect();
        for ty in cells[0].split("`, `") {
            rows.insert(ty.trim_matches('`').to_owned(), cells[1].replace('`', ""));
        }
    }
    assert!(!rows.is_empty(), "the chapter has no table of {heading}");
    rows
}

/// What a guest passes for each type that the chapter lists, and that there is no other.
#[test]
fn every_parameter_of_the_chapter() {
    let mut documented = documented("parameter");
    for kept_by_the_host in [
        "#[state] name: &T",
        "#[state] name: &mut T",
        "Guest<'_>",
        "Caller<'_, T>",
    ] {
        let core = documented.remove(kept_by_the_host);
        assert_eq!(core.as_deref(), Some("nothing"), "{kept_by_the_host}");
    }
    // An object has to be made first: `guests.rs` does.
    assert_eq!(
        documented.remove("HostObject<T>").as_deref(),
        Some("externref")
    );
    check(parameters(), documented, |function| {
        function.parameters()[0].types().to_string()
    });
}

/// What a guest gets for each type that the chapter lists, and that there is no other.
#[test]
fn every_result_of_the_chapter() {
    let mut documented = documented("result");
    assert_eq!(
        documented.remove("HostObject<T>").as_deref(),
        Some("externref")
    );
    check(results(), documented, |function| {
        function.results().to_string()
    });
}

fn check(
    rows: Vec<Row>,
    mut documented: BTreeMap<String, String>,
    core: impl Fn(&host_runtime::HostFunction) -> String,
) {
    let mut run = Vec::new();
    for row in rows {
        let function = row.imports.functions().next().unwrap();
        let mut instance = host_tests::instance(row.imports, DATA).unwrap();
        let gets = host_tests::run(&mut instance, &row.passes).unwrap();
        assert_eq!(format!("{gets:?}"), format!("{:?}", row.gets), "{function}");
        if let Some(says) = documented.remove(row.ty) {
            let core = core(function);
            let matches = match says.as_str() {
                "pointer, length" | "that of …, pointer 0 is None" | "that of Allocated<T, A>" => {
                    core == "i32 i32"
                }
                "pointer" | "its repr, i32 without one" => core == "i32",
                "that of its field" => core == "f64",
                "one result each" => core == "i32 f64 i32",
                "that of R" => core == "i32 i64" || core == "i64",
                "nothing" => core == "()",
                says => core == says,
            };
            assert!(matches, "{}: the chapter says {says}, it is {core}", row.ty);
            run.push(row.ty);
        }
        assert!(run.contains(&row.ty), "{} is not in the chapter", row.ty);
    }
    assert!(documented.is_empty(), "not run: {documented:?}");
}

//! Whatever a guest passes, the host stands: a trap that names the import, the parameter, the
//! value and the reason, and an instance that goes on.

#![expect(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "host functions get by value what the guest passes, or a pointer to it"
)]

use std::ffi::CStr;

use host_runtime::{
    AssemblyScriptStr, FromGuest, Handle, HostCallError, Imports, Indirect, Instance, IntoGuest,
    PointerHigh, PointerLow, Runtime, SliceList, Utf16, ValueError, imports, wasm_import,
    wasmtime::Val,
};
use host_tests::{instance, run};
use proptest::prelude::*;

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

/// The error of a call, its reason last.
fn trap(imports: Imports, arguments: &[i32]) -> String {
    let mut instance = instance(imports, &[0xFF, b'a']).unwrap();
    let error = run(&mut instance, &values(arguments)).unwrap_err();
    let place: &HostCallError = error.downcast_ref().expect("the place of the hostcall");
    let reason: &ValueError = error.downcast_ref().expect("the bad value");
    let text = format!("{place}: {reason}");
    let line = place.location().line;
    text.replace(&format!(":{line})"), ":LINE)")
}

fn values(arguments: &[i32]) -> Vec<Val> {
    arguments.iter().map(|&x| Val::I32(x)).collect()
}

#[test]
fn numbers_out_of_range() {
    assert_eq!(
        trap(imports![ffi::byte], &[256]),
        "the guest called `ffi.byte` with a bad `x: u8` (tests/all/bad_input.rs:LINE): 256 is not in 0 \
         to 255"
    );
    assert_eq!(
        trap(imports![ffi::byte], &[-1]),
        "the guest called `ffi.byte` with a bad `x: u8` (tests/all/bad_input.rs:LINE): -1 is not in 0 \
         to 255"
    );
    assert_eq!(
        trap(imports![ffi::signed], &[40_000]),
        "the guest called `ffi.signed` with a bad `x: i16` (tests/all/bad_input.rs:LINE): 40000 is not \
         in -32768 to 32767"
    );
    assert_eq!(
        trap(imports![ffi::flag], &[2]),
        "the guest called `ffi.flag` with a bad `on: bool` (tests/all/bad_input.rs:LINE): 2 is not in \
         0 (false) or 1 (true)"
    );
    assert_eq!(
        trap(imports![ffi::letter], &[0xD800]),
        "the guest called `ffi.letter` with a bad `c: char` (tests/all/bad_input.rs:LINE): 55296 is \
         not in the Unicode scalar values, 0 to 0xD7FF and 0xE000 to 0x10FFFF"
    );
    assert!(trap(imports![ffi::letter], &[-1]).contains("4294967295 is not in the Unicode"));
}

#[test]
fn pointers_out_of_bounds() {
    assert_eq!(
        trap(imports![ffi::text], &[65_530, 7]),
        "the guest called `ffi.text` with a bad `text: &str` (tests/all/bad_input.rs:LINE): pointer \
         0xfffa and length 7 reach past the end of the memory, 65536 bytes"
    );
    let negative = trap(imports![ffi::text], &[-1, 1]);
    assert!(negative.ends_with(
        "pointer 0xffffffff and length 1 reach past the end of the memory, 65536 bytes"
    ));
    let long = trap(imports![ffi::text], &[0, -1]);
    assert!(long.ends_with(
        "pointer 0x0 and length 4294967295 reach past the end of the memory, 65536 bytes"
    ));
    let overflowing = trap(imports![ffi::numbers], &[4, 0x4000_0000]);
    assert!(overflowing.ends_with(
        "pointer 0x4 and 1073741824 elements of 4 bytes reach past the end of the memory, 65536 \
         bytes"
    ));
}

/// The reason alone.
fn reason(imports: Imports, arguments: &[i32]) -> String {
    let text = trap(imports, arguments);
    text.split_once("): ").expect("a place first").1.to_owned()
}

#[test]
fn numbers_that_no_variant_has() {
    assert_eq!(
        trap(imports![other::level], &[2]),
        "the guest called `ffi.level` with a bad `level: Level` (tests/all/bad_input.rs:LINE): 2 is \
         not in the numbers of `Level`, Info, Error"
    );
    assert_eq!(
        reason(imports![other::level], &[260]),
        "260 is not in 0 to 255"
    );
    let mut guest = instance(imports![other::large], b"").unwrap();
    run(&mut guest, &[Val::I64(i64::MIN)]).unwrap();
    assert!(run(&mut guest, &[Val::I64(i64::MAX)]).is_err());
}

#[test]
fn newtypes_are_what_is_in_them() {
    assert_eq!(
        trap(imports![other::named], &[64, 1]),
        "the guest called `ffi.named` with a bad `name: Name<'_>` (tests/all/bad_input.rs:LINE): the 1 \
         bytes at 0x40 are not UTF-8: invalid utf-8 sequence of 1 bytes from index 0; take bytes \
         if it need not be"
    );
}

#[test]
fn pointers_to_plain_data() {
    assert_eq!(
        trap(imports![other::number], &[66]),
        "the guest called `ffi.number` with a bad `number: &u32` (tests/all/bad_input.rs:LINE): \
         pointer 0x42 is not aligned to 4 bytes; where a guest does not align, take bytes"
    );
    assert_eq!(
        reason(imports![other::number], &[65_533]),
        "pointer 0xfffd and length 4 reach past the end of the memory, 65536 bytes"
    );
    assert!(reason(imports![other::number], &[-4]).starts_with("pointer 0xfffffffc and length 4"));
    assert_eq!(
        reason(imports![other::out], &[8, 10]),
        "bytes 0xa to 0xe overlap bytes 0x8 to 0xc, which are borrowed already by an earlier \
         parameter or slice, and one of the two is `&mut`; take one as a `Vec`, which is a copy"
    );
    let mut guest = instance(imports![other::out], b"").unwrap();
    run(&mut guest, &values(&[8, 12])).unwrap();
    assert_eq!(guest.read(8, 8).unwrap(), [1, 0, 0, 0, 2, 0, 2, 0]);
}

#[test]
fn text_without_an_end() {
    let fill = [0, 65_536];
    let mut guest = instance(imports![other::c], b"").unwrap();
    guest.memory().unwrap().fill(b'x');
    let error = run(&mut guest, &values(&[0, 0, 9])).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "there is no NUL from pointer 0x9 to the end of the memory"
    );
    // What is borrowed as `&mut` is not looked at, be there a NUL or not.
    let error = run(&mut guest, &values(&[16, 4, 9])).unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(ValueError::Overlap { .. })),
        "{error:?}"
    );
    guest.write(15, &[0]).unwrap();
    assert_eq!(
        run(&mut guest, &values(&[16, 4, 9])).unwrap()[0].unwrap_i64(),
        4 + 6
    );
    assert!(reason(imports![other::c], &[0, 0, -1]).contains("reach past the end"));
    assert!(reason(imports![other::c], &[fill[0], fill[1], 9]).contains("overlap"));
}

#[test]
fn text_of_other_toolchains() {
    assert_eq!(
        reason(imports![other::utf16], &[65, 1]),
        "pointer 0x41 is not aligned to 2 bytes; where a guest does not align, take bytes"
    );
    assert_eq!(
        reason(imports![other::script], &[3]),
        "3 is not in the pointers to an object, which has a header"
    );
    let mut guest = instance(imports![other::script], b"").unwrap();
    guest.write(100, &[0xFF, 0xFF, 0xFF, 0x7F]).unwrap();
    let error = run(&mut guest, &values(&[104])).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "pointer 0x68 and 1073741823 elements of 2 bytes reach past the end of the memory, 65536 \
         bytes"
    );
    assert!(reason(imports![other::script], &[-2]).contains("reach past the end"));
}

#[test]
fn packed_and_indirect_pointers() {
    let call = |imports, packed: i64| {
        let mut guest = instance(imports, b"").unwrap();
        let error = run(&mut guest, &[Val::I64(packed)]).unwrap_err();
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(
        call(imports![other::low], 0x0000_0007_0000_fffa),
        "pointer 0xfffa and length 7 reach past the end of the memory, 65536 bytes"
    );
    assert_eq!(
        call(imports![other::high], -1),
        "pointer 0xffffffff and length 4294967295 reach past the end of the memory, 65536 bytes"
    );
    assert!(
        reason(imports![other::indirect], &[65_529]).starts_with("pointer 0xfff9 and length 8")
    );
    let mut guest = instance(imports![other::indirect], b"").unwrap();
    guest.write(4, &[0xF0, 0xFF, 0, 0, 17, 0, 0, 0]).unwrap();
    let error = run(&mut guest, &values(&[4])).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.parameter(), Some("text"));
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "pointer 0xfff0 and length 17 reach past the end of the memory, 65536 bytes"
    );
}

#[test]
fn lists_of_slices() {
    assert!(reason(imports![other::list], &[65_536, 1]).contains("reach past the end"));
    assert!(reason(imports![other::list], &[0, -1]).contains("reach past the end"));
    // Two slices of nothing at 0, then one that is the list itself.
    let mut guest = instance(imports![other::list], b"").unwrap();
    assert_eq!(
        run(&mut guest, &values(&[0, 2])).unwrap()[0].unwrap_i64(),
        2
    );
    guest.write(8, &[8, 0, 0, 0, 8, 0, 0, 0]).unwrap();
    guest.write(16, &[12, 0, 0, 0, 1, 0, 0, 0]).unwrap();
    let error = run(&mut guest, &values(&[0, 3])).unwrap_err();
    assert!(
        matches!(error.downcast_ref(), Some(ValueError::Overlap { .. })),
        "{error:?}"
    );
}

#[test]
fn misaligned_slices() {
    assert_eq!(
        trap(imports![ffi::numbers], &[2, 1]),
        "the guest called `ffi.numbers` with a bad `list: &[u32]` (tests/all/bad_input.rs:LINE): \
         pointer 0x2 is not aligned to 4 bytes; where a guest does not align, take bytes"
    );
    assert!(trap(imports![ffi::wide], &[4, 1]).ends_with(
        "pointer 0x4 is not aligned to 8 bytes; where a guest does not align, take bytes"
    ));
    assert!(trap(imports![ffi::copied], &[0, 0, 1, 1]).ends_with(
        "pointer 0x1 is not aligned to 2 bytes; where a guest does not align, take bytes"
    ));
}

#[test]
fn text_that_is_not_utf8() {
    assert_eq!(
        trap(imports![ffi::text], &[64, 2]),
        "the guest called `ffi.text` with a bad `text: &str` (tests/all/bad_input.rs:LINE): the 2 \
         bytes at 0x40 are not UTF-8: invalid utf-8 sequence of 1 bytes from index 0; take bytes \
         if it need not be"
    );
    assert!(trap(imports![ffi::optional], &[64, 1]).contains("are not UTF-8"));
    assert!(trap(imports![ffi::copied], &[64, 1, 0, 0]).contains("are not UTF-8"));
}

#[test]
fn overlapping_slices() {
    assert_eq!(
        trap(imports![ffi::two], &[100, 10, 109, 10]),
        "the guest called `ffi.two` with a bad `target: &mut [u8]`, which overlaps `source: &[u8]` \
         (tests/all/bad_input.rs:LINE): bytes 0x6d to 0x77 overlap bytes 0x64 to 0x6e, which are \
         borrowed already by an earlier parameter or slice, and one of the two is `&mut`; take one \
         as a `Vec`, which is a copy"
    );
    assert!(trap(imports![ffi::both], &[0, 10, 0, 10]).contains("bad `b: &mut [u8]`"));
    assert!(trap(imports![ffi::both], &[0, 10, 9, 1]).contains("overlap"));
}

#[test]
fn what_may_overlap() {
    let mut guest = instance(imports![ffi::shared], b"abc").unwrap();
    assert_eq!(
        run(&mut guest, &values(&[64, 3, 64, 3])).unwrap()[0].unwrap_i64(),
        6
    );
    let mut guest = instance(imports![ffi::both], b"").unwrap();
    run(&mut guest, &values(&[0, 10, 10, 10])).unwrap();
    assert_eq!(guest.read(9, 2).unwrap(), [1, 2]);
    // Nothing overlaps with a slice of nothing.
    run(&mut guest, &values(&[0, 10, 5, 0])).unwrap();
}

#[wasm_import(module = "ffi")]
fn boom() {
    unreachable!("it is called with a guest only");
}

#[test]
fn a_guest_without_memory() {
    let runtime = Runtime::builder()
        .imports(imports![ffi::text, ffi::byte])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "text" (func $text (param i32 i32) (result i64)))
                (import "ffi" "byte" (func $byte (param i32) (result i32)))
                (func (export "text") (result i64) (call $text (i32.const 0) (i32.const 0)))
                (func (export "byte") (result i32) (call $byte (i32.const 7))))"#,
        )
        .unwrap();
    let error = guest.call::<(), i64>("text", ()).unwrap_err();
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.parameter(), Some("text"));
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "the guest exports no memory; give the module a memory, and export it unless \
         `Runtime::load` loads the module"
    );
    assert_eq!(guest.call::<(), i32>("byte", ()).unwrap(), 7);
}

#[test]
fn the_instance_and_its_state_go_on() {
    #[derive(Clone, Default)]
    struct Calls(u32);

    #[wasm_import(module = "ffi")]
    fn count(#[state] calls: &mut Calls, text: &str) -> u32 {
        calls.0 += 1;
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    }

    let imports = imports![count];
    let guest = host_tests::guest(imports.get("ffi", "count").unwrap(), b"text");
    let runtime = Runtime::builder()
        .imports(imports)
        .state(Calls(0))
        .build()
        .unwrap();
    let mut instance: Instance = runtime.instantiate(guest).unwrap();
    assert_eq!(instance.call::<(i32, i32), i32>("run", (64, 4)).unwrap(), 4);
    assert!(instance.call::<(i32, i32), i32>("run", (64, -4)).is_err());
    assert_eq!(instance.call::<(i32, i32), i32>("run", (64, 3)).unwrap(), 3);
    assert_eq!(instance.state::<Calls>().unwrap().0, 2);
}

#[derive(Clone)]
struct Lamp(u32);

/// Functions of numbers and states are called in two ways: one for those that cannot fail.
#[wasm_import(module = "ffi")]
mod lamps {
    use super::{Amount, Handle, Lamp, Light, Percent};
    use host_runtime::GuestSize;

    pub(super) fn set(#[state] lamp: &mut Lamp, to: Percent) {
        lamp.0 = to.0.into();
    }
    pub(super) fn above(#[state] lamp: &Lamp, by: Amount) -> u32 {
        lamp.0.wrapping_add(by.0)
    }
    pub(super) fn both(#[state] lamp: &Lamp, of: Handle<Lamp>) -> (Light, u32) {
        let light = if lamp.0 > 40 {
            Light::Bright
        } else {
            Light::Dim
        };
        (light, of.number())
    }
    pub(super) fn too_large(#[state] lamp: &Lamp) -> GuestSize {
        GuestSize(u64::from(lamp.0) << 32)
    }
    pub(super) fn refused(#[state] lamp: &Lamp) -> Result<u32, std::fmt::Error> {
        if lamp.0 == 42 {
            return Err(std::fmt::Error);
        }
        Ok(lamp.0)
    }
}

#[derive(FromGuest)]
struct Percent(u8);

#[derive(FromGuest)]
struct Amount(u32);

#[derive(Clone, Copy, IntoGuest)]
enum Light {
    Dim = 1,
    Bright = 2,
}

#[test]
fn numbers_beside_a_state() {
    let runtime = Runtime::builder()
        .imports(imports![mod lamps])
        .state(Lamp(0))
        .build()
        .unwrap();
    let guest = r#"(module
        (import "ffi" "set" (func (param i32)))
        (import "ffi" "above" (func (param i32) (result i32)))
        (import "ffi" "both" (func (param i32) (result i32 i32)))
        (import "ffi" "too_large" (func (result i32)))
        (import "ffi" "refused" (func (result i32)))
        (memory (export "memory") 1)
        (export "set" (func 0))
        (export "above" (func 1))
        (export "both" (func 2))
        (export "too_large" (func 3))
        (export "refused" (func 4)))"#;
    let mut instance = runtime.instantiate(guest).unwrap();
    instance.call::<i32, ()>("set", 42).unwrap();
    assert_eq!(instance.call::<i32, i32>("above", -1).unwrap(), 41);
    let both: (i32, i32) = instance.call("both", 7).unwrap();
    assert_eq!(both, (2, 7));
    let error = instance.call::<i32, ()>("set", 300).unwrap_err();
    let reason: &ValueError = error.downcast_ref().expect("the bad value");
    assert_eq!(reason.to_string(), "300 is not in 0 to 255");
    let error = instance.call::<(), i32>("too_large", ()).unwrap_err();
    assert!(format!("{error:#}").ends_with("does not fit the guest's i32"));
    let error = instance.call::<(), i32>("refused", ()).unwrap_err();
    assert!(error.downcast_ref::<std::fmt::Error>().is_some());
    assert_eq!(instance.call::<i32, i32>("above", 0).unwrap(), 42);
}

#[test]
fn copies_keep_to_the_budget() {
    let imports = imports![ffi::copied];
    let guest = host_tests::guest(imports.get("ffi", "copied").unwrap(), b"");
    let runtime = Runtime::builder()
        .imports(imports)
        .copy_budget(100)
        .build()
        .unwrap();
    let mut instance = runtime.instantiate(guest).unwrap();
    let mut call = |arguments| instance.call::<(i32, i32, i32, i32), i64>("run", arguments);
    assert_eq!(call((0, 60, 0, 20)).unwrap(), 80);
    let error = call((0, 60, 0, 21)).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "42 bytes to copy are more than the 40 that are left of the call's copy budget; \
         `RuntimeBuilder::copy_budget` or `HostData::set_copy_budget` sets it"
    );
    assert_eq!(
        error.downcast_ref::<HostCallError>().unwrap().parameter(),
        Some("list")
    );
    // Each call has the whole budget.
    assert_eq!(call((0, 100, 0, 0)).unwrap(), 100);
    // Past the end of the memory is that, whatever the budget.
    assert!(
        call((0, -1, 0, 0))
            .unwrap_err()
            .to_string()
            .contains("wasm")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any pointers and lengths are either served or trapped, and the guest goes on.
    #[test]
    fn any_arguments(calls in prop::collection::vec(prop::array::uniform4(argument()), 1..8)) {
        for imports in [imports![ffi::two], imports![ffi::both], imports![ffi::shared], imports![ffi::copied]] {
            let mut instance = instance(imports, b"some text").unwrap();
            for arguments in &calls {
                match run(&mut instance, &values(arguments)) {
                    Ok(results) => prop_assert_eq!(results.len(), 1),
                    Err(error) => prop_assert!(error.is::<ValueError>(), "{:?}", error),
                }
            }
            prop_assert!(run(&mut instance, &values(&[0, 0, 0, 0])).is_ok());
        }
    }
}

/// Mostly small, now and then near the ends of the memory or anything.
fn argument() -> impl Strategy<Value = i32> {
    prop_oneof![4 => 0..128i32, 2 => 65_500..65_540i32, 1 => any::<i32>()]
}

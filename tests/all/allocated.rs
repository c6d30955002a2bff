//! Results that lie in the guest's memory: by its allocator, by a return pointer, in its buffers.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "what a signature is to a guest is what is tested"
)]

use std::{borrow::Cow, ffi::CString};

use host_runtime::{
    Allocated, AllocationError, AssemblyScriptNew, AssemblyScriptString, CabiRealloc, Guest,
    GuestSize, HostCallError, HostObject, Imports, Indirect, Instance, LastReturnPointer,
    MockGuest, OutBuffer, PlainData, PointerHigh, PointerLow, ReturnPointer, Runtime, ValueError,
    WbindgenMalloc, imports, wasm_import, wasmtime,
};
use wasmtime::Val;

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
    pub fn with_guest(mut guest: Guest<'_>, text: String) -> wasmtime::Result<Allocated<String>> {
        guest.write(0u32, b"written")?;
        Ok(format!("{text}!").into())
    }
}

/// The guest's memory ends here.
const END: u32 = 65536;

/// A bump allocator whose calls are counted, from 1024 on, in multiples of 16.
const ALLOCATORS: &str = r#"
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (global $calls (export "calls") (mut i32) (i32.const 0))
    (global $asked (export "asked") (mut i32) (i32.const 0))
    (func $room (param $size i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (global.get $free)
        (global.set $free (i32.and (i32.add (i32.add (global.get $free) (local.get $size)) (i32.const 15)) (i32.const -16))))
    (func (export "malloc") (param i32) (result i32) (call $room (local.get 0)))
    (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
        (global.set $asked (i32.add (i32.mul (local.get $align) (i32.const 100)) (local.get $size)))
        (i32.add (call $room (local.get $size)) (i32.or (local.get $old) (local.get $old_size))))
    (func (export "__wbindgen_malloc") (param $size i32) (param $align i32) (result i32)
        (global.set $asked (i32.add (i32.mul (local.get $align) (i32.const 100)) (local.get $size)))
        (call $room (local.get $size)))
    (func (export "__new") (param $size i32) (param $class i32) (result i32)
        (global.set $asked (i32.add (i32.mul (local.get $class) (i32.const 100)) (local.get $size)))
        (call $room (local.get $size)))"#;

/// A guest with these definitions that exports what it imports of the only function, as `call`.
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
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    runtime.instantiate(module).unwrap()
}

/// The bytes that the guest's `call` gives a pointer and a length to.
fn pair(imports: Imports) -> Vec<u8> {
    let mut guest = guest(imports, "(result i32 i32)", ALLOCATORS);
    let (pointer, length) = guest.call::<(), (u32, u32)>("call", ()).unwrap();
    guest.read(pointer, length).unwrap().to_vec()
}

#[test]
fn a_pointer_and_a_length() {
    assert_eq!(pair(imports![give::text]), "grüße".as_bytes());
    assert_eq!(pair(imports![give::literal]), b"literal");
    assert_eq!(pair(imports![give::some]), b"some");
}

#[test]
fn a_length_counts_elements() {
    let mut numbers = guest(imports![give::numbers], "(result i32 i32)", ALLOCATORS);
    assert_eq!(
        numbers.call::<(), (u32, u32)>("call", ()).unwrap(),
        (1024, 3)
    );
    assert_eq!(
        numbers.read(1024u32, 12u32).unwrap(),
        bytemuck::cast_slice::<u32, u8>(&[1, 2, 3])
    );
    let mut utf16 = guest(imports![give::utf16], "(result i32 i32)", ALLOCATORS);
    assert_eq!(utf16.call::<(), (u32, u32)>("call", ()).unwrap(), (1024, 3));
    let bytes = utf16.read(1024u32, 6u32).unwrap();
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
        .collect();
    assert_eq!(String::from_utf16(&units).unwrap(), "🦀x");
}

#[test]
fn nothing_is_null_and_empty_is_room_of_no_bytes() {
    let mut none = guest(imports![give::none], "(result i32 i32)", ALLOCATORS);
    assert_eq!(none.call::<(), (u32, u32)>("call", ()).unwrap(), (0, 0));
    let mut empty = guest(imports![give::empty], "(result i32 i32)", ALLOCATORS);
    assert_eq!(empty.call::<(), (u32, u32)>("call", ()).unwrap(), (1024, 0));
    let mut packed = guest(imports![give::none_low], "(result i64)", ALLOCATORS);
    assert_eq!(packed.call::<(), u64>("call", ()).unwrap(), 0);
    let mut behind = guest(imports![give::none_behind], "(result i32)", ALLOCATORS);
    assert_eq!(behind.call::<(), u32>("call", ()).unwrap(), 0);
    let mut first = guest(imports![give::first_none], "(param i32)", ALLOCATORS);
    first.write(64u32, &[0xFF; 8]).unwrap();
    first.call::<u32, ()>("call", 64).unwrap();
    assert_eq!(first.read(64u32, 8u32).unwrap(), [0; 8]);
}

#[test]
fn a_pointer_alone() {
    let mut text = guest(imports![give::c_text], "(result i32)", ALLOCATORS);
    let pointer = text.call::<(), u32>("call", ()).unwrap();
    assert_eq!(text.read(pointer, 7u32).unwrap(), b"c text\0");
    let mut plain = guest(imports![give::pair], "(result i32)", ALLOCATORS);
    let pointer = plain.call::<(), u32>("call", ()).unwrap();
    assert_eq!(
        plain.read(pointer, 16u32).unwrap(),
        bytemuck::bytes_of(&PAIR)
    );
}

#[test]
fn packed_in_either_order() {
    let mut low = guest(imports![give::low], "(result i64)", ALLOCATORS);
    assert_eq!(low.call::<(), u64>("call", ()).unwrap(), 3 << 32 | 1024);
    let mut high = guest(imports![give::high], "(result i64)", ALLOCATORS);
    assert_eq!(high.call::<(), u64>("call", ()).unwrap(), 1024 << 32 | 4);
    assert_eq!(high.read(1024u32, 4u32).unwrap(), b"high");
}

#[test]
fn a_pointer_to_both() {
    let mut guest = guest(imports![give::behind], "(result i32)", ALLOCATORS);
    let at = guest.call::<(), u32>("call", ()).unwrap();
    assert_eq!(
        guest.read(at, 8u32).unwrap(),
        bytemuck::cast_slice::<u32, u8>(&[1024, 6])
    );
    assert_eq!(guest.read(1024u32, 6u32).unwrap(), b"behind");
}

#[test]
fn beside_other_results() {
    let mut several = guest(
        imports![give::several],
        "(result i32 i32 i32 f64)",
        ALLOCATORS,
    );
    let results = several
        .call::<(), (u32, u32, u32, f64)>("call", ())
        .unwrap();
    assert_eq!(results, (5, 1024, 7, 2.5));
    let mut object = guest(
        imports![give::beside_object],
        "(result externref i32 i32)",
        ALLOCATORS,
    );
    let raw = object.raw();
    let store = object.store_mut();
    let call = raw.get_func(&mut *store, "call").unwrap();
    let mut results = [Val::I32(0), Val::I32(0), Val::I32(0)];
    call.call(&mut *store, &[], &mut results).unwrap();
    assert!(matches!(
        results,
        [Val::ExternRef(Some(_)), Val::I32(1024), Val::I32(6)]
    ));
}

#[test]
fn an_error_traps() {
    let mut guest = guest(
        imports![give::fallible],
        "(param i32) (result i32 i32)",
        ALLOCATORS,
    );
    assert_eq!(guest.call::<u32, (u32, u32)>("call", 0).unwrap(), (1024, 4));
    let error = guest.call::<u32, (u32, u32)>("call", 1).unwrap_err();
    assert!(error.is::<std::io::Error>());
}

#[test]
fn memory_is_borrowed_until_the_function_returns() {
    let mut guest = guest(
        imports![give::shout],
        "(param i32 i32) (result i32 i32)",
        ALLOCATORS,
    );
    guest.write(0u32, b"loud").unwrap();
    let (pointer, length) = guest
        .call::<(u32, u32), (u32, u32)>("call", (0, 4))
        .unwrap();
    assert_eq!(guest.read(pointer, length).unwrap(), b"LOUD");
}

#[test]
fn functions_with_the_guest_return_it_too() {
    let mut guest = guest(
        imports![give::with_guest],
        "(param i32 i32) (result i32 i32)",
        ALLOCATORS,
    );
    guest.write(100u32, b"so").unwrap();
    let (pointer, length) = guest
        .call::<(u32, u32), (u32, u32)>("call", (100, 2))
        .unwrap();
    assert_eq!(guest.read(pointer, length).unwrap(), b"so!");
    assert_eq!(guest.read(0u32, 7u32).unwrap(), b"written");
}

#[test]
fn return_pointers() {
    let mut first = guest(imports![give::first], "(param i32 i64)", ALLOCATORS);
    first.call::<(u32, u64), ()>("call", (48, 3)).unwrap();
    let expected = Pair { id: 21, ..PAIR };
    assert_eq!(
        first.read(48u32, 16u32).unwrap(),
        bytemuck::bytes_of(&expected)
    );

    let mut last = guest(imports![give::last], "(param i64 i32)", ALLOCATORS);
    last.call::<(u64, u32), ()>("call", (4, 47)).unwrap();
    assert_eq!(last.read(47u32, 8u32).unwrap(), 8_u64.to_le_bytes());

    let mut text = guest(
        imports![give::first_text],
        "(param i32 i32 i32)",
        ALLOCATORS,
    );
    text.write(0u32, b"ab").unwrap();
    text.call::<(u32, u32, u32), ()>("call", (64, 0, 2))
        .unwrap();
    assert_eq!(
        text.read(64u32, 8u32).unwrap(),
        bytemuck::cast_slice::<u32, u8>(&[1024, 4])
    );
    assert_eq!(text.read(1024u32, 4u32).unwrap(), b"abab");

    let mut c_text = guest(imports![give::last_c_text], "(param i32)", ALLOCATORS);
    c_text.write(68u32, &[0xFF; 4]).unwrap();
    c_text.call::<u32, ()>("call", 64).unwrap();
    assert_eq!(
        c_text.read(64u32, 8u32).unwrap(),
        [0, 4, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    );

    let mut both = guest(
        imports![give::code_and_value],
        "(param i32) (result i32)",
        ALLOCATORS,
    );
    assert_eq!(both.call::<u32, i32>("call", 8).unwrap(), -3);
    assert_eq!(both.read(8u32, 4u32).unwrap(), 33_u32.to_le_bytes());
}

#[test]
fn a_return_pointer_is_checked() {
    let mut guest = guest(imports![give::first], "(param i32 i64)", ALLOCATORS);
    for (at, fits) in [(END - 16, true), (END - 15, false), (u32::MAX, false)] {
        let result = guest.call::<(u32, u64), ()>("call", (at, 1));
        assert_eq!(result.is_ok(), fits, "{at}");
        if let Err(error) = result {
            assert!(matches!(
                error.downcast_ref(),
                Some(ValueError::OutOfBounds { .. })
            ));
            let place: &HostCallError = error.downcast_ref().unwrap();
            assert!(place.is_return_pointer() && place.parameter().is_none());
            let said =
                "the guest called `env.first` with a bad return pointer (tests/all/allocated.rs:";
            assert!(place.to_string().starts_with(said), "{place}");
        }
    }
}

/// What is wrong is the place only where there is a memory and it is not in it.
#[test]
fn who_is_blamed_for_a_result_without_a_place() {
    let blamed = |imports: Imports, ty: &str, memory: &str| {
        let mut guest = guest(imports, ty, memory);
        let error = guest.call::<u32, ()>("call", u32::MAX - 2).unwrap_err();
        let place: &HostCallError = error.downcast_ref().unwrap();
        place.is_return_pointer()
    };
    // The pointer and the length of something allocated as well.
    assert!(blamed(
        imports![give::first_none],
        "(param i32)",
        ALLOCATORS
    ));
    assert!(blamed(
        imports![give::last_c_text],
        "(param i32)",
        ALLOCATORS
    ));
    assert!(!blamed(imports![give::first_none], "(param i32)", ""));

    let place = |error: host_runtime::wasmtime::Error| {
        error
            .downcast_ref::<HostCallError>()
            .unwrap()
            .is_return_pointer()
    };
    let call = |at: i32| MockGuest::new(64).call(&imports![give::first], &[at.into(), Val::I64(1)]);
    assert!(call(48).is_ok());
    assert!(place(call(49).unwrap_err()));
}

#[test]
fn the_report_shows_return_pointers() {
    let runtime = Runtime::builder()
        .imports(imports![give::last])
        .build()
        .unwrap();
    let module = r#"(module (import "env" "last" (func (param i64) (result i32))))"#;
    let error = runtime.load(module).unwrap_err().to_string();
    assert!(error.contains("host:  (func (param i64 i32))"), "{error}");
    assert!(
        error.contains("`return pointer` is i32 here and () in the guest"),
        "{error}"
    );
    let first = imports![give::first];
    assert_eq!(
        first.functions().next().unwrap().wasm_type(),
        "(func (param i32 i64))"
    );
}

#[test]
fn each_allocator_is_asked_in_its_own_way() {
    let asked = |imports: Imports, ty: &str, results: usize| {
        let mut guest = guest(imports, ty, ALLOCATORS);
        let raw = guest.raw();
        let store = guest.store_mut();
        let call = raw.get_func(&mut *store, "call").unwrap();
        let mut values = vec![Val::I32(0); results];
        call.call(&mut *store, &[], &mut values).unwrap();
        let asked = raw.get_global(&mut *store, "asked").unwrap();
        (values[0].unwrap_i32(), asked.get(store).unwrap_i32())
    };
    assert_eq!(
        asked(imports![give::canonical], "(result i32 i32)", 2),
        (1024, 808)
    );
    assert_eq!(
        asked(imports![give::bindgen], "(result i32 i32)", 2),
        (1024, 404)
    );
    assert_eq!(
        asked(imports![give::buffer], "(result i32 i32)", 2),
        (1024, 102)
    );
    assert_eq!(
        asked(imports![give::assembly_script], "(result i32)", 1),
        (1024, 204)
    );
}

/// What a call says of a `malloc`.
fn complaint(malloc: &str) -> wasmtime::Error {
    let definitions = format!(r#"(memory (export "memory") 1) {malloc}"#);
    let mut guest = guest(imports![give::numbers], "(result i32 i32)", &definitions);
    let error = guest.call::<(), (u32, u32)>("call", ()).unwrap_err();
    let place = error.downcast_ref::<HostCallError>().unwrap();
    assert_eq!(
        (place.function().name(), place.parameter()),
        ("numbers", None)
    );
    wasmtime::Error::from_anyhow(error)
}

#[test]
fn what_is_wrong_with_an_allocator_is_said() {
    let says = |malloc: &str| {
        complaint(malloc)
            .downcast_ref::<AllocationError>()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        says(""),
        "the guest exports no function `malloc` to make room for the result by; export it, or name \
         another in `Allocated<_, …>`"
    );
    assert_eq!(
        says(r#"(global (export "malloc") i32 (i32.const 0))"#),
        says("")
    );
    assert_eq!(
        says(r#"(func (export "malloc") (param i64) (result i32) (i32.const 0))"#),
        "the guest's `malloc` is (func (param i64) (result i32)), and to make room for the result \
         it is called as (func (param i32) (result i32))"
    );
    let returns = |pointer: u32| {
        says(&format!(
            r#"(func (export "malloc") (param i32) (result i32) (i32.const {pointer:#x}))"#
        ))
    };
    assert_eq!(
        returns(0),
        "the guest's `malloc` has no room for 12 bytes: it returned a null pointer"
    );
    assert_eq!(
        returns(18),
        "the guest's `malloc` returned 0x12, which is not aligned to 4 bytes"
    );
    assert_eq!(
        returns(END - 8),
        "the guest's `malloc` returned 0xfff8, and 12 bytes from there reach past the end of the \
         memory, 65536 bytes"
    );
    assert_eq!(
        returns(u32::MAX - 3),
        "the guest's `malloc` returned 0xfffffffc, and 12 bytes from there reach past the end of \
         the memory, 65536 bytes"
    );
}

#[test]
fn an_allocator_may_trap_and_grow_the_memory() {
    let error = complaint(r#"(func (export "malloc") (param i32) (result i32) unreachable)"#);
    assert!(error.is::<wasmtime::Trap>());

    let grows = r#"(memory (export "memory") 1)
        (func (export "malloc") (param i32) (result i32)
            (i32.mul (memory.grow (i32.const 3)) (i32.const 65536)))"#;
    let mut guest = guest(
        imports![give::shout],
        "(param i32 i32) (result i32 i32)",
        grows,
    );
    guest.write(0u32, b"grown").unwrap();
    for call in 1..=3 {
        let (pointer, length) = guest
            .call::<(u32, u32), (u32, u32)>("call", (0, 5))
            .unwrap();
        assert_eq!(pointer, (3 * call - 2) * END);
        assert_eq!(guest.read(pointer, length).unwrap(), b"GROWN");
    }
}

#[test]
fn a_guest_with_wide_addresses() {
    let wide = r#"(memory (export "memory") i64 1)
        (func (export "malloc") (param i64) (result i64) (i64.const 4096))"#;
    let mut guest = guest(imports![give::text], "(result i64 i64)", wide);
    assert_eq!(guest.call::<(), (u64, u64)>("call", ()).unwrap(), (4096, 7));
    let mut guest = self::guest(imports![give::first_text], "(param i64 i64 i64)", wide);
    guest.write(0u64, b"ab").unwrap();
    guest
        .call::<(u64, u64, u64), ()>("call", (64, 0, 2))
        .unwrap();
    assert_eq!(
        guest.read(64u64, 16u64).unwrap(),
        bytemuck::cast_slice::<u64, u8>(&[4096, 4])
    );
}

#[test]
fn each_instance_of_a_store_has_its_own_allocator() {
    let runtime = Runtime::builder()
        .imports(imports![give::shout])
        .build()
        .unwrap();
    let module = |room: u32| {
        format!(
            r#"(module (import "env" "shout" (func $f (param i32 i32) (result i32 i32)))
                (memory (export "memory") (data "{room}"))
                (func (export "malloc") (param i32) (result i32) (i32.const {room}))
                (func (export "call") (result i32 i32) (call $f (i32.const 0) (i32.const 4))))"#
        )
    };
    let mut first = runtime.instantiate(module(1111)).unwrap();
    assert_eq!(first.call::<(), (u32, u32)>("call", ()).unwrap(), (1111, 4));
    let second = runtime
        .load(module(2222))
        .unwrap()
        .instantiate_in(&mut first)
        .unwrap();
    assert_eq!(
        second
            .call::<(), (u32, u32)>(&mut first, "call", ())
            .unwrap(),
        (2222, 4)
    );
    assert_eq!(first.call::<(), (u32, u32)>("call", ()).unwrap(), (1111, 4));
    assert_eq!(first.read(1111u32, 4u32).unwrap(), b"1111");
    assert_eq!(first.read(2222u32, 4u32).unwrap(), [0; 4]);
}

/// A `malloc` that is the host function itself, so that no function of the guest's runs.
#[test]
fn an_allocator_that_is_the_host_function() {
    #[wasm_import]
    fn number(x: u32) -> Allocated<u32> {
        x.into()
    }
    let runtime = Runtime::builder()
        .imports(imports![number])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module (import "env" "number" (func $f (param i32) (result i32)))
                (memory (export "memory") 1) (export "malloc" (func $f))
                (func (export "run") (drop (call $f (i32.const 1)))))"#,
        )
        .unwrap();
    // Not even where the stack is short.
    let error = std::thread::spawn(move || guest.call::<(), ()>("run", ()).unwrap_err());
    let error = format!("{:#}", error.join().unwrap());
    assert!(error.contains("call stack exhausted"), "{error}");
}

/// One module with memories of both widths: what one function has learnt of the allocator is not
/// what the other calls it as.
#[test]
fn an_allocator_has_one_type() {
    #[wasm_import]
    fn narrow() -> Allocated<String> {
        "text".to_owned().into()
    }
    #[wasm_import(memory = "big")]
    fn wide() -> Allocated<String> {
        "text".to_owned().into()
    }
    let runtime = Runtime::builder()
        .imports(imports![narrow, wide])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module (import "env" "narrow" (func $narrow (result i32 i32)))
                (import "env" "wide" (func $wide (result i64 i64)))
                (memory (export "memory") 1) (memory (export "big") i64 2)
                (func (export "malloc") (param i32) (result i32) (i32.const 1024))
                (func (export "narrow") (result i32 i32) (call $narrow))
                (func (export "wide") (result i64 i64) (call $wide)))"#,
        )
        .unwrap();
    assert_eq!(
        guest.call::<(), (u32, u32)>("narrow", ()).unwrap(),
        (1024, 4)
    );
    let error = guest.call::<(), (u64, u64)>("wide", ()).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(AllocationError::OtherType { .. })
    ));
}

/// An allocator that has the host copy again, and again, gets no more than one call's budget.
#[test]
fn nested_calls_share_a_budget() {
    #[wasm_import]
    #[expect(clippy::needless_pass_by_value, reason = "it is copied")]
    fn echo(text: String) -> Allocated<String> {
        text.clone().into()
    }
    let runtime = Runtime::builder().imports(imports![echo]).copy_budget(1000);
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module (import "env" "echo" (func $echo (param i32 i32) (result i32 i32)))
                (memory (export "memory") 1)
                (global $depth (export "depth") (mut i32) (i32.const 0))
                (func (export "malloc") (param i32) (result i32)
                    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                    (drop (drop (call $echo (i32.const 0) (i32.const 300))))
                    (i32.const 1024))
                (func (export "run") (drop (drop (call $echo (i32.const 0) (i32.const 300))))))"#
                .replace(
                    "(drop (drop (call $echo (i32.const 0) (i32.const 300))))",
                    "(call $echo (i32.const 0) (i32.const 300)) drop drop",
                ),
        )
        .unwrap();
    let error = guest.call::<(), ()>("run", ()).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::OverBudget {
            bytes: 300,
            left: 100
        })
    ));
    let raw = guest.raw();
    let depth = raw.get_global(guest.store_mut(), "depth").unwrap();
    assert_eq!(depth.get(guest.store_mut()).unwrap_i32(), 3);
    // And the next call has all of it again.
    assert!(guest.call::<(), ()>("run", ()).is_err());
    assert_eq!(depth.get(guest.store_mut()).unwrap_i32(), 6);
}

#[test]
fn something_empty_is_not_nothing() {
    #[wasm_import]
    #[expect(clippy::unnecessary_wraps, reason = "it is what is tested")]
    fn some_empty() -> Option<Allocated<String>> {
        Some(String::new().into())
    }
    let like_c = r#"(memory (export "memory") 1)
        (func (export "malloc") (param i32) (result i32)
            (select (i32.const 1024) (i32.const 0) (local.get 0)))"#;
    let mut guest = guest(imports![some_empty], "(result i32 i32)", like_c);
    assert_eq!(guest.call::<(), (u32, u32)>("call", ()).unwrap(), (1024, 0));
}

#[test]
fn a_mock_guest_has_room_at_its_end() {
    let mut guest = MockGuest::new(100);
    guest.write(0u32, b"hi").unwrap();
    let results = guest
        .call(&imports![give::shout], &[0.into(), 2.into()])
        .unwrap();
    assert_eq!((results[0].unwrap_i32(), results[1].unwrap_i32()), (98, 2));
    assert_eq!(&guest.memory()[98..], b"HI");
    let results = guest.call(&imports![give::numbers], &[]).unwrap();
    assert_eq!((results[0].unwrap_i32(), results[1].unwrap_i32()), (84, 3));
    guest
        .call(&imports![give::first], &[8.into(), Val::I64(1)])
        .unwrap();
    assert_eq!(&guest.memory()[8..24], bytemuck::bytes_of(&PAIR));
    let error = MockGuest::new(11)
        .call(&imports![give::numbers], &[])
        .unwrap_err();
    let said = "the mock guest's memory has no room for 12 bytes more";
    assert!(format!("{error:#}").contains(said), "{error:#}");
    assert!(error.is::<HostCallError>());
    // Address 0 is no place.
    assert!(
        MockGuest::new(12)
            .call(&imports![give::numbers], &[])
            .is_err()
    );
}

#[wasm_import]
mod fill {
    use super::*;

    pub fn name(mut out: OutBuffer<'_>) -> GuestSize {
        out.write_all_or_none(b"embedder")
    }
    pub fn part(mut out: OutBuffer<'_, u16>) -> GuestSize {
        out.write(&[1, 2, 3])
    }
    pub fn text(mut out: OutBuffer<'_>) -> GuestSize {
        out.write_text("aé")
    }
}

#[test]
fn buffers_of_the_guest() {
    let call = |imports: Imports, length: u32| {
        let mut guest = guest(imports, "(param i32 i32) (result i32)", ALLOCATORS);
        let told = guest.call::<(u32, u32), u32>("call", (0, length)).unwrap();
        (told, guest.read(0u32, 8u32).unwrap().to_vec())
    };
    assert_eq!(call(imports![fill::name], 7), (8, vec![0; 8]));
    assert_eq!(call(imports![fill::name], 8), (8, b"embedder".to_vec()));
    assert_eq!(
        call(imports![fill::part], 2),
        (2, vec![1, 0, 2, 0, 0, 0, 0, 0])
    );
    assert_eq!(call(imports![fill::part], 9).0, 3);
    assert_eq!(
        call(imports![fill::text], 2),
        (1, b"a\0\0\0\0\0\0\0".to_vec())
    );
    assert_eq!(call(imports![fill::text], 3).0, 3);
}

//! What a declared function takes and returns.

use std::ffi::CStr;

use host_runtime::{
    Allocated, FromGuest, GuestSize, HostObject, IntoGuest, PlainData,
    values::{
        AssemblyScriptString, Indirect, LastReturnPointer, Malloc, PointerHigh, PointerLow,
        ReturnPointer,
    },
    wasm_export,
    wasmtime::V128,
};

use super::{allocating, guest, live};

#[derive(Clone, Copy, Debug, PartialEq, FromGuest, IntoGuest)]
#[repr(u8)]
enum Mode {
    Off = 3,
    On = 7,
}

#[derive(Clone, Copy, Debug, PartialEq, FromGuest, IntoGuest)]
struct Celsius(f64);

#[wasm_export]
trait Echoes {
    fn i32(x: i32) -> anyhow::Result<i32>;
    #[wasm_export(name = "i32")]
    fn u32(x: u32) -> anyhow::Result<u32>;
    fn i64(x: i64) -> anyhow::Result<i64>;
    fn f32(x: f32) -> anyhow::Result<f32>;
    fn f64(x: f64) -> anyhow::Result<f64>;
    fn v128(x: V128) -> anyhow::Result<V128>;
    fn externref(x: Option<HostObject<String>>) -> anyhow::Result<Option<HostObject<String>>>;
    #[wasm_export(name = "i32")]
    fn small(x: i8) -> anyhow::Result<i8>;
    #[wasm_export(name = "i32")]
    fn yes(x: bool) -> anyhow::Result<bool>;
    #[wasm_export(name = "i32")]
    fn letter(x: char) -> anyhow::Result<char>;
    #[wasm_export(name = "i32")]
    fn mode(x: Mode) -> anyhow::Result<Mode>;
    #[wasm_export(name = "i32")]
    fn size(x: GuestSize) -> anyhow::Result<GuestSize>;
    #[wasm_export(name = "f64")]
    fn celsius(x: Celsius) -> anyhow::Result<Celsius>;
    fn two(a: i32, b: i64) -> anyhow::Result<(i64, i32)>;
    fn nothing() -> anyhow::Result<()>;
}

const ECHOES: &str = r#"(module
    (func (export "i32") (param i32) (result i32) (local.get 0))
    (func (export "i64") (param i64) (result i64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "v128") (param v128) (result v128) (local.get 0))
    (func (export "externref") (param externref) (result externref) (local.get 0))
    (func (export "two") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
    (func (export "nothing")))"#;

#[test]
fn numbers_and_references_go_both_ways() -> anyhow::Result<()> {
    let guest = &mut guest(ECHOES);
    let echoes = guest.exports::<Echoes>()?;
    assert_eq!(echoes.i32(guest, -5)?, -5);
    assert_eq!(echoes.u32(guest, u32::MAX)?, u32::MAX);
    assert_eq!(echoes.i64(guest, i64::MIN)?, i64::MIN);
    assert_eq!(echoes.f32(guest, 1.5)?.to_bits(), 1.5_f32.to_bits());
    assert_eq!(echoes.f64(guest, -0.0)?.to_bits(), (-0.0_f64).to_bits());
    assert_eq!(echoes.v128(guest, 7_u128.into())?.as_u128(), 7);
    assert_eq!(echoes.small(guest, -128)?, -128);
    assert!(echoes.yes(guest, true)?);
    assert_eq!(echoes.letter(guest, 'é')?, 'é');
    assert_eq!(echoes.mode(guest, Mode::On)?, Mode::On);
    assert_eq!(echoes.size(guest, GuestSize(64))?, GuestSize(64));
    assert_eq!(echoes.celsius(guest, Celsius(21.5))?, Celsius(21.5));
    assert_eq!(echoes.two(guest, 1, 2)?, (2, 1));
    echoes.nothing(guest)?;
    let object = HostObject::new("held".to_owned());
    let returned = echoes.externref(guest, Some(object))?.unwrap();
    assert_eq!(*returned, "held");
    assert!(echoes.externref(guest, None)?.is_none());
    Ok(())
}

#[test]
fn a_result_that_is_not_valid_is_an_error_that_names_the_function() -> anyhow::Result<()> {
    #[wasm_export]
    trait Wrong {
        #[wasm_export(name = "i32")]
        fn mode(x: i32) -> anyhow::Result<Mode>;
    }
    let guest = &mut guest(ECHOES);
    let error = guest.exports::<Wrong>()?.mode(guest, 4).unwrap_err();
    let text = format!("{error:#}");
    assert!(
        text.starts_with("calling the guest's `i32`, fn mode(x: i32) -> anyhow::Result<Mode> ("),
        "{text}"
    );
    assert!(
        text.ends_with(": 4 is not a valid `Mode`: expected the number of Off or On"),
        "{text}"
    );
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, PlainData)]
#[repr(C)]
struct Point {
    x: i32,
    y: i32,
}

#[wasm_export(allocator = Malloc, rename_all = "camelCase")]
trait Text {
    fn sum(bytes: &[u8]) -> anyhow::Result<u32>;
    #[wasm_export(name = "sum")]
    fn sum_text(text: &str) -> anyhow::Result<u32>;
    #[wasm_export(name = "sum")]
    fn sum_or_none(text: Option<&str>) -> anyhow::Result<u32>;
    fn sum_packed(text: PointerLow<&str>) -> anyhow::Result<u32>;
    fn sum_packed_high(text: PointerHigh<&str>) -> anyhow::Result<u32>;
    fn sum_indirect(text: Indirect<&str>) -> anyhow::Result<u32>;
    fn length(text: &CStr) -> anyhow::Result<u32>;
    fn add(point: &Point) -> anyhow::Result<i32>;
    fn words(words: &[u32]) -> anyhow::Result<u32>;
    fn keep(text: Allocated<String>) -> anyhow::Result<u32>;
    fn greeting() -> anyhow::Result<String>;
    #[wasm_export(name = "greetingPacked")]
    fn greeting_packed() -> anyhow::Result<PointerLow<String>>;
    #[wasm_export(name = "greeting")]
    fn taken() -> anyhow::Result<Allocated<String>>;
    fn none() -> anyhow::Result<Option<String>>;
    fn center(of: &Point) -> anyhow::Result<ReturnPointer<Point>>;
    #[wasm_export(name = "center_last")]
    fn center_last(of: &Point) -> anyhow::Result<LastReturnPointer<Point>>;
    fn text_at() -> anyhow::Result<ReturnPointer<String>>;
}

fn text_module() -> String {
    allocating(
        r#"
        (data (i32.const 16) "hello\00")
        (func $sum (export "sum") (param $at i32) (param $n i32) (result i32)
            (local $sum i32)
            (block $done (loop $next
                (br_if $done (i32.eqz (local.get $n)))
                (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br $next)))
            (local.get $sum))
        (func (export "sumPacked") (param i64) (result i32)
            (call $sum (i32.wrap_i64 (local.get 0))
                (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32)))))
        (func (export "sumPackedHigh") (param i64) (result i32)
            (call $sum (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32)))
                (i32.wrap_i64 (local.get 0))))
        (func (export "sumIndirect") (param i32) (result i32)
            (call $sum (i32.load (local.get 0)) (i32.load offset=4 (local.get 0))))
        (func (export "length") (param $at i32) (result i32)
            (local $n i32)
            (block $done (loop $next
                (br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $at) (local.get $n)))))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br $next)))
            (local.get $n))
        (func (export "add") (param i32) (result i32)
            (i32.add (i32.load (local.get 0)) (i32.load offset=4 (local.get 0))))
        (func (export "words") (param i32 i32) (result i32)
            (i32.load offset=4 (local.get 0)))
        (func (export "keep") (param i32 i32) (result i32) (local.get 1))
        (func (export "greeting") (result i32 i32) (i32.const 16) (i32.const 5))
        (func (export "greetingPacked") (result i64) (i64.const 0x500000010))
        (func (export "none") (result i32 i32) (i32.const 0) (i32.const 0))
        (func (export "center") (param $to i32) (param $of i32)
            (i32.store (local.get $to) (i32.load offset=4 (local.get $of)))
            (i32.store offset=4 (local.get $to) (i32.load (local.get $of))))
        (func (export "center_last") (param $of i32) (param $to i32)
            (i32.store (local.get $to) (i32.load offset=4 (local.get $of)))
            (i32.store offset=4 (local.get $to) (i32.load (local.get $of))))
        (func (export "textAt") (param i32)
            (i32.store (local.get 0) (i32.const 16))
            (i32.store offset=4 (local.get 0) (i32.const 4)))"#,
    )
}

#[test]
fn references_are_written_to_memory_of_the_guest_and_freed_after_the_call() -> anyhow::Result<()> {
    let guest = &mut guest(&text_module());
    let text = guest.exports::<Text>()?;
    assert_eq!(text.sum(guest, &[1, 2, 3])?, 6);
    assert_eq!(text.sum_text(guest, "ab")?, 97 + 98);
    assert_eq!(text.sum_text(guest, "")?, 0);
    assert_eq!(text.sum_or_none(guest, Some("a"))?, 97);
    assert_eq!(text.sum_or_none(guest, None)?, 0);
    assert_eq!(text.sum_packed(guest, PointerLow("ab"))?, 97 + 98);
    assert_eq!(text.sum_packed_high(guest, PointerHigh("ab"))?, 97 + 98);
    assert_eq!(text.sum_indirect(guest, Indirect("ab"))?, 97 + 98);
    assert_eq!(text.length(guest, c"four")?, 4);
    assert_eq!(text.add(guest, &Point { x: 40, y: 2 })?, 42);
    assert_eq!(text.words(guest, &[7, 8])?, 8);
    assert_eq!(live(guest), 0);
    Ok(())
}

#[test]
fn an_allocated_argument_belongs_to_the_guest() -> anyhow::Result<()> {
    let guest = &mut guest(&text_module());
    let text = guest.exports::<Text>()?;
    assert_eq!(text.keep(guest, "mine".to_owned().into())?, 4);
    assert_eq!(live(guest), 1);
    Ok(())
}

#[test]
fn results_are_read_from_memory_of_the_guest() -> anyhow::Result<()> {
    let guest = &mut guest(&text_module());
    let text = guest.exports::<Text>()?;
    assert_eq!(text.greeting(guest)?, "hello");
    assert_eq!(text.greeting_packed(guest)?.0, "hello");
    assert_eq!(text.none(guest)?, None);
    let point = Point { x: 1, y: 2 };
    let turned = Point { x: 2, y: 1 };
    assert_eq!(text.center(guest, &point)?.0, turned);
    assert_eq!(text.center_last(guest, &point)?.0, turned);
    assert_eq!(text.text_at(guest)?.0, "hell");
    assert_eq!(live(guest), 0);
    Ok(())
}

#[test]
fn a_taken_result_is_freed() -> anyhow::Result<()> {
    let guest = &mut guest(&text_module());
    let text = guest.exports::<Text>()?;
    assert_eq!(text.taken(guest)?.into_inner(), "hello");
    assert_eq!(guest.guest().exported_global::<u32>("freed")?, 16);
    Ok(())
}

#[test]
fn arguments_of_assemblyscript_are_pinned_during_the_call() -> anyhow::Result<()> {
    #[wasm_export]
    trait Assembly {
        fn join(
            a: AssemblyScriptString,
            b: AssemblyScriptString,
        ) -> anyhow::Result<AssemblyScriptString>;
    }
    let guest = &mut guest(
        r#"(module
            (memory (export "memory") 1)
            (global $next (mut i32) (i32.const 64))
            (global $pins (export "pins") (mut i32) (i32.const 0))
            (global $most (export "most") (mut i32) (i32.const 0))
            (func (export "__new") (param i32 i32) (result i32)
                (i32.store (i32.add (global.get $next) (i32.const 12)) (local.get 0))
                (i32.add (global.get $next) (i32.const 16))
                (global.set $next (i32.add (global.get $next) (i32.const 128))))
            (func (export "__pin") (param i32) (result i32)
                (global.set $pins (i32.add (global.get $pins) (i32.const 1)))
                (local.get 0))
            (func (export "__unpin") (param i32)
                (global.set $pins (i32.sub (global.get $pins) (i32.const 1))))
            (func (export "join") (param i32 i32) (result i32)
                (global.set $most (global.get $pins))
                (local.get 1)))"#,
    );
    let assembly = guest.exports::<Assembly>()?;
    let string = |text: &str| AssemblyScriptString(text.to_owned());
    let joined = assembly.join(guest, string("a"), string("née"))?;
    assert_eq!(joined, string("née"));
    let mut guest = guest.guest();
    assert_eq!(guest.exported_global::<i32>("most")?, 2);
    assert_eq!(guest.exported_global::<i32>("pins")?, 0);
    Ok(())
}

#[test]
fn globals_are_read_and_set() -> anyhow::Result<()> {
    #[wasm_export]
    trait Globals {
        #[wasm_export(global)]
        fn version() -> anyhow::Result<i32>;
        #[wasm_export(global)]
        fn level() -> anyhow::Result<f64>;
        #[wasm_export(global, name = "level")]
        fn set_level(level: f64) -> anyhow::Result<()>;
    }
    let guest = &mut guest(
        r#"(module
            (global (export "version") i32 (i32.const 3))
            (global (export "level") (mut f64) (f64.const 0.5)))"#,
    );
    let globals = guest.exports::<Globals>()?;
    assert_eq!(globals.version(guest)?, 3);
    globals.set_level(guest, 2.5)?;
    assert_eq!(globals.level(guest)?.to_bits(), 2.5_f64.to_bits());
    Ok(())
}

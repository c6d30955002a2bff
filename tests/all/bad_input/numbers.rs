//! Bad numbers.

use host_runtime::{
    FromGuest, Handle, IntoGuest, Runtime, ValueError, imports, wasm_import, wasmtime::Val,
};
use host_tests::{instance, run};

use super::{ffi, other, reason, trap};

#[test]
fn numbers_out_of_range_are_refused() {
    assert_eq!(
        trap(imports![ffi::byte], &[256]),
        "the guest called `ffi.byte` with a bad `x: u8` (tests/all/bad_input/mod.rs:LINE): 256 is \
         not a valid `u8`: expected 0 to 255"
    );
    assert_eq!(
        trap(imports![ffi::byte], &[-1]),
        "the guest called `ffi.byte` with a bad `x: u8` (tests/all/bad_input/mod.rs:LINE): -1 is \
         not a valid `u8`: expected 0 to 255"
    );
    assert_eq!(
        trap(imports![ffi::signed], &[40_000]),
        "the guest called `ffi.signed` with a bad `x: i16` (tests/all/bad_input/mod.rs:LINE): \
         40000 is not a valid `i16`: expected -32768 to 32767"
    );
    assert_eq!(
        trap(imports![ffi::flag], &[2]),
        "the guest called `ffi.flag` with a bad `on: bool` (tests/all/bad_input/mod.rs:LINE): 2 is \
         not a valid `bool`: expected 0 or 1"
    );
    assert_eq!(
        trap(imports![ffi::letter], &[0xD800]),
        "the guest called `ffi.letter` with a bad `c: char` (tests/all/bad_input/mod.rs:LINE): \
         55296 is not a valid `char`: expected a Unicode scalar value, 0 to 0xD7FF or 0xE000 to \
         0x10FFFF"
    );
    assert!(trap(imports![ffi::letter], &[-1]).contains("4294967295 is not a valid `char`"));
}

#[test]
fn numbers_of_no_enum_variant_are_refused() {
    assert_eq!(
        trap(imports![other::level], &[2]),
        "the guest called `ffi.level` with a bad `level: Level` (tests/all/bad_input/mod.rs:LINE): \
         2 is not a valid `Level`: expected the number of Info or Error"
    );
    assert_eq!(
        reason(imports![other::level], &[260]),
        "260 is not a valid `u8`: expected 0 to 255"
    );
    let mut guest = instance(imports![other::large], b"").unwrap();
    run(&mut guest, &[Val::I64(i64::MIN)]).unwrap();
    assert!(run(&mut guest, &[Val::I64(i64::MAX)]).is_err());
}

#[derive(Clone)]
struct Lamp(u32);

/// The runtime has two ways to call functions that take only numbers and states. One is for
/// functions that cannot fail.
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
fn functions_of_numbers_and_states_check_their_numbers() {
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
    let reason: &ValueError = error.downcast_ref().expect("the error has a `ValueError`");
    assert_eq!(
        reason.to_string(),
        "300 is not a valid `u8`: expected 0 to 255"
    );
    let error = instance.call::<(), i32>("too_large", ()).unwrap_err();
    assert!(format!("{error:#}").ends_with("does not fit the guest's i32"));
    let error = instance.call::<(), i32>("refused", ()).unwrap_err();
    assert!(error.downcast_ref::<std::fmt::Error>().is_some());
    assert_eq!(instance.call::<i32, i32>("above", 0).unwrap(), 42);
}

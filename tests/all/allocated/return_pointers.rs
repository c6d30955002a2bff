//! Results that the host writes to an address that the guest passes.

use host_runtime::{HostCallError, Imports, MockGuest, Runtime, ValueError, imports, wasmtime};
use wasmtime::Val;

use super::{ALLOCATORS, MEMORY_SIZE, PAIR, Pair, give, guest};

#[test]
fn the_result_is_written_to_the_return_pointer() {
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
fn a_return_pointer_out_of_bounds_is_an_error() {
    let mut guest = guest(imports![give::first], "(param i32 i64)", ALLOCATORS);
    for (at, fits) in [
        (MEMORY_SIZE - 16, true),
        (MEMORY_SIZE - 15, false),
        (u32::MAX, false),
    ] {
        let result = guest.call::<(u32, u64), ()>("call", (at, 1));
        assert_eq!(result.is_ok(), fits, "{at}");
        if let Err(error) = result {
            assert!(matches!(
                error.downcast_ref(),
                Some(ValueError::OutOfBounds { .. })
            ));
            let place: &HostCallError = error.downcast_ref().unwrap();
            assert!(place.is_return_pointer() && place.parameter().is_none());
            let expected = "the guest called `env.first` with a bad return pointer \
                (tests/all/allocated/mod.rs:";
            assert!(place.to_string().starts_with(expected), "{place}");
        }
    }
}

/// If the guest has no memory, the error does not blame the return pointer.
#[test]
fn the_error_blames_the_return_pointer_only_if_the_guest_has_a_memory() {
    let blamed = |imports: Imports, ty: &str, memory: &str| {
        let mut guest = guest(imports, ty, memory);
        let error = guest.call::<u32, ()>("call", u32::MAX - 2).unwrap_err();
        let place: &HostCallError = error.downcast_ref().unwrap();
        place.is_return_pointer()
    };
    // The return pointer may also be for the pointer and the length of an allocated result.
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

    let blames_return_pointer = |error: anyhow::Error| {
        error
            .downcast_ref::<HostCallError>()
            .unwrap()
            .is_return_pointer()
    };
    let call = |at: i32| MockGuest::new(64).call(&imports![give::first], &[at.into(), Val::I64(1)]);
    assert!(call(48).is_ok());
    assert!(blames_return_pointer(call(49).unwrap_err()));
}

#[test]
fn the_link_report_shows_return_pointers() {
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

//! Results in memory that the guest's allocator returned, as the guest receives them.

use host_runtime::{Allocated, imports, wasm_import, wasmtime};
use wasmtime::Val;

use super::{ALLOCATORS, PAIR, give, guest, returned_bytes};

#[test]
fn text_is_returned_as_a_pointer_and_a_length() {
    assert_eq!(returned_bytes(imports![give::text]), "grüße".as_bytes());
    assert_eq!(returned_bytes(imports![give::literal]), b"literal");
    assert_eq!(returned_bytes(imports![give::some]), b"some");
}

#[test]
fn the_length_is_the_number_of_elements() {
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
fn none_is_a_null_pointer_and_empty_text_is_an_allocation_of_zero_bytes() {
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
fn some_empty_text_is_not_a_null_pointer() {
    #[wasm_import]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the test needs an `Option` that is `Some`"
    )]
    fn some_empty() -> Option<Allocated<String>> {
        Some(String::new().into())
    }
    // This `malloc` returns null if the size is 0, as C allows.
    let malloc = r#"(memory (export "memory") 1)
        (func (export "malloc") (param i32) (result i32)
            (select (i32.const 1024) (i32.const 0) (local.get 0)))"#;
    let mut guest = guest(imports![some_empty], "(result i32 i32)", malloc);
    assert_eq!(guest.call::<(), (u32, u32)>("call", ()).unwrap(), (1024, 0));
}

#[test]
fn c_text_and_plain_data_are_returned_as_a_pointer_alone() {
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
fn a_pointer_and_a_length_are_packed_in_either_order() {
    let mut low = guest(imports![give::low], "(result i64)", ALLOCATORS);
    assert_eq!(low.call::<(), u64>("call", ()).unwrap(), 3 << 32 | 1024);
    let mut high = guest(imports![give::high], "(result i64)", ALLOCATORS);
    assert_eq!(high.call::<(), u64>("call", ()).unwrap(), 1024 << 32 | 4);
    assert_eq!(high.read(1024u32, 4u32).unwrap(), b"high");
}

#[test]
fn an_indirect_result_is_a_pointer_to_a_pointer_and_a_length() {
    let mut guest = guest(imports![give::behind], "(result i32)", ALLOCATORS);
    let at = guest.call::<(), u32>("call", ()).unwrap();
    assert_eq!(
        guest.read(at, 8u32).unwrap(),
        bytemuck::cast_slice::<u32, u8>(&[1024, 6])
    );
    assert_eq!(guest.read(1024u32, 6u32).unwrap(), b"behind");
}

#[test]
fn a_tuple_may_contain_an_allocated_result() {
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
fn a_host_function_that_returns_an_error_traps() {
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
fn the_allocator_runs_after_the_borrow_of_the_parameters_ends() {
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
fn functions_that_take_the_guest_may_return_allocated_results() {
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
fn a_guest_with_a_64_bit_memory_gets_64_bit_pointers_and_lengths() {
    let memory64 = r#"(memory (export "memory") i64 1)
        (func (export "malloc") (param i64) (result i64) (i64.const 4096))"#;
    let mut guest = guest(imports![give::text], "(result i64 i64)", memory64);
    assert_eq!(guest.call::<(), (u64, u64)>("call", ()).unwrap(), (4096, 7));
    let mut guest = self::guest(imports![give::first_text], "(param i64 i64 i64)", memory64);
    guest.write(0u64, b"ab").unwrap();
    guest
        .call::<(u64, u64, u64), ()>("call", (64, 0, 2))
        .unwrap();
    assert_eq!(
        guest.read(64u64, 16u64).unwrap(),
        bytemuck::cast_slice::<u64, u8>(&[4096, 4])
    );
}

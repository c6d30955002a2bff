//! How the host calls allocators, and the errors for bad ones.

use host_runtime::{
    Allocated, HostCallError, Imports, MockGuest, Runtime, ValueError, errors::AllocationError,
    imports, wasm_import, wasmtime,
};
use wasmtime::Val;

use super::{ALLOCATORS, MEMORY_SIZE, PAIR, give, guest};
use crate::support;

#[test]
fn each_allocator_gets_the_parameters_of_its_convention() {
    let call = |imports: Imports, ty: &str, results: usize| {
        let mut guest = guest(imports, ty, ALLOCATORS);
        let raw = guest.raw();
        let store = guest.store_mut();
        let func = raw.get_func(&mut *store, "call").unwrap();
        let mut values = vec![Val::I32(0); results];
        func.call(&mut *store, &[], &mut values).unwrap();
        let request = raw.get_global(&mut *store, "request").unwrap();
        (values[0].unwrap_i32(), request.get(store).unwrap_i32())
    };
    assert_eq!(
        call(imports![give::canonical], "(result i32 i32)", 2),
        (1024, 808)
    );
    assert_eq!(
        call(imports![give::bindgen], "(result i32 i32)", 2),
        (1024, 404)
    );
    assert_eq!(
        call(imports![give::buffer], "(result i32 i32)", 2),
        (1024, 102)
    );
    assert_eq!(
        call(imports![give::assembly_script], "(result i32)", 1),
        (1024, 204)
    );
}

/// The error of a call that allocates its result by this `malloc`.
fn error_with_malloc(malloc: &str) -> wasmtime::Error {
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
fn the_error_says_what_is_wrong_with_the_allocator() {
    let message = |malloc: &str| {
        error_with_malloc(malloc)
            .downcast_ref::<AllocationError>()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        message(""),
        "the guest exports no function `malloc`, by which the host allocates or frees memory; \
         export it, or name another allocator, in `Allocated<_, …>` for example"
    );
    assert_eq!(
        message(r#"(global (export "malloc") i32 (i32.const 0))"#),
        message("")
    );
    assert_eq!(
        message(r#"(func (export "malloc") (param i64) (result i32) (i32.const 0))"#),
        "the guest's `malloc` is (func (param i64) (result i32)), but to allocate or free memory it \
         is called as (func (param i32) (result i32))"
    );
    let message_if_it_returns = |pointer: u32| {
        message(&format!(
            r#"(func (export "malloc") (param i32) (result i32) (i32.const {pointer:#x}))"#
        ))
    };
    assert_eq!(
        message_if_it_returns(0),
        "the guest's `malloc` cannot allocate 12 bytes: it returned a null pointer"
    );
    assert_eq!(
        message_if_it_returns(18),
        "the guest's `malloc` returned 0x12, which is not aligned to 4 bytes"
    );
    assert_eq!(
        message_if_it_returns(MEMORY_SIZE - 8),
        "the guest's `malloc` returned 0xfff8, and 12 bytes from there reach past the end of the \
         memory, 65536 bytes"
    );
    assert_eq!(
        message_if_it_returns(u32::MAX - 3),
        "the guest's `malloc` returned 0xfffffffc, and 12 bytes from there reach past the end of \
         the memory, 65536 bytes"
    );
}

#[test]
fn an_allocator_may_trap_or_grow_the_memory() {
    let error =
        error_with_malloc(r#"(func (export "malloc") (param i32) (result i32) unreachable)"#);
    assert!(error.is::<wasmtime::Trap>());

    let growing = r#"(memory (export "memory") 1)
        (func (export "malloc") (param i32) (result i32)
            (i32.mul (memory.grow (i32.const 3)) (i32.const 65536)))"#;
    let mut guest = guest(
        imports![give::shout],
        "(param i32 i32) (result i32 i32)",
        growing,
    );
    guest.write(0u32, b"grown").unwrap();
    for call in 1..=3 {
        let (pointer, length) = guest
            .call::<(u32, u32), (u32, u32)>("call", (0, 5))
            .unwrap();
        assert_eq!(pointer, (3 * call - 2) * MEMORY_SIZE);
        assert_eq!(guest.read(pointer, length).unwrap(), b"GROWN");
    }
}

#[test]
fn each_instance_of_a_store_has_its_own_allocator() {
    let runtime = Runtime::builder()
        .imports(imports![give::shout])
        .build()
        .unwrap();
    let module = |address: u32| {
        format!(
            r#"(module (import "env" "shout" (func $f (param i32 i32) (result i32 i32)))
                (memory (export "memory") (data "{address}"))
                (func (export "malloc") (param i32) (result i32) (i32.const {address}))
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

/// The guest exports the host function itself as `malloc`, so no function of the guest runs in
/// between.
#[test]
fn an_allocator_that_is_the_host_function_itself_exhausts_the_call_stack() {
    #[wasm_import]
    fn number(x: u32) -> Allocated<u32> {
        x.into()
    }
    let mut guest = support::guest(
        imports![number],
        r#"(module (import "env" "number" (func $f (param i32) (result i32)))
                (memory (export "memory") 1) (export "malloc" (func $f))
                (func (export "run") (drop (call $f (i32.const 1)))))"#,
    );
    // A spawned thread has a small native stack. It must not overflow.
    let error = std::thread::spawn(move || guest.call::<(), ()>("run", ()).unwrap_err());
    let error = format!("{:#}", error.join().unwrap());
    assert!(error.contains("call stack exhausted"), "{error}");
}

/// The module has a 32-bit and a 64-bit memory. The runtime caches a checked allocator for each
/// address type.
#[test]
fn the_type_of_the_allocator_is_checked_for_each_address_type() {
    #[wasm_import]
    fn narrow() -> Allocated<String> {
        "text".to_owned().into()
    }
    #[wasm_import(memory = "big")]
    fn wide() -> Allocated<String> {
        "text".to_owned().into()
    }
    let mut guest = support::guest(
        imports![narrow, wide],
        r#"(module (import "env" "narrow" (func $narrow (result i32 i32)))
                (import "env" "wide" (func $wide (result i64 i64)))
                (memory (export "memory") 1) (memory (export "big") i64 2)
                (func (export "malloc") (param i32) (result i32) (i32.const 1024))
                (func (export "narrow") (result i32 i32) (call $narrow))
                (func (export "wide") (result i64 i64) (call $wide)))"#,
    );
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

/// The allocator calls the host function, which copies its parameter and calls the allocator again.
/// All these calls use the budget of the outermost call.
#[test]
fn nested_calls_share_one_copy_budget() {
    #[wasm_import]
    #[expect(clippy::needless_pass_by_value, reason = "the test copies it")]
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
    // The next call has the whole budget again.
    assert!(guest.call::<(), ()>("run", ()).is_err());
    assert_eq!(depth.get(guest.store_mut()).unwrap_i32(), 6);
}

#[test]
fn a_mock_guest_allocates_from_the_end_of_its_memory() {
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
    let expected = "the mock guest's memory has no 12 free bytes left";
    assert!(format!("{error:#}").contains(expected), "{error:#}");
    assert!(error.is::<HostCallError>());
    // Address 0 is never returned: it would be a null pointer.
    assert!(
        MockGuest::new(12)
            .call(&imports![give::numbers], &[])
            .is_err()
    );
}

//! Allocators and results of guests that misbehave.

use host_runtime::{
    Allocated, Instance, errors::AllocationError, values::Malloc, wasm_export, wasmtime::Trap,
};

use super::{allocating, guest, live};

#[wasm_export(allocator = Malloc)]
trait Calls {
    fn two(a: &str, b: &[u64]) -> anyhow::Result<u32>;
    fn text() -> anyhow::Result<Allocated<String>>;
}

/// A guest whose functions `two` and `text` have these bodies.
fn calls(two: &str, text: &str) -> (Instance, Calls) {
    let functions = format!(
        r#"(func (export "two") (param i32 i32 i32 i32) (result i32) {two})
           (func (export "text") (result i32 i32) {text})"#
    );
    let mut guest = guest(&allocating(&functions));
    let calls = guest.exports::<Calls>().unwrap();
    (guest, calls)
}

#[test]
fn arguments_are_freed_after_a_trap() {
    let (mut guest, calls) = calls("unreachable", "unreachable");
    let error = calls.two(&mut guest, "a", &[1]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(live(&mut guest), 0);
}

#[test]
fn a_taken_result_is_freed_also_if_it_is_not_valid() -> anyhow::Result<()> {
    for (text, message) in [
        (
            "(i32.const 70000) (i32.const 4)",
            "past the end of the memory",
        ),
        (
            "(i32.const 16) (i32.const -1)",
            "past the end of the memory",
        ),
        (
            "(i32.store8 (i32.const 16) (i32.const 255)) (i32.const 16) (i32.const 4)",
            "not UTF-8",
        ),
    ] {
        let (mut guest, calls) = calls("(i32.const 0)", text);
        let error = format!("{:#}", calls.text(&mut guest).unwrap_err());
        assert!(error.contains(message), "{error}");
        assert!(
            error.contains("calling the guest's `text`, fn text()"),
            "{error}"
        );
        assert_eq!(guest.guest().exported_global::<i32>("live")?, -1);
    }
    Ok(())
}

/// A guest whose `malloc` has this body.
fn with_malloc(malloc: &str) -> (Instance, Calls) {
    let mut guest = guest(&format!(
        r#"(module
            (memory (export "memory") 1 4)
            (global $calls (mut i32) (i32.const 0))
            (global $live (export "live") (mut i32) (i32.const 0))
            (func (export "malloc") (param i32) (result i32)
                (global.set $live (i32.add (global.get $live) (i32.const 1)))
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                {malloc})
            (func (export "free") (param i32)
                (global.set $live (i32.sub (global.get $live) (i32.const 1))))
            (func (export "two") (param i32 i32 i32 i32) (result i32) (i32.const 7))
            (func (export "text") (result i32 i32) (i32.const 0) (i32.const 0)))"#
    ));
    let calls = guest.exports::<Calls>().unwrap();
    (guest, calls)
}

#[test]
fn an_allocator_that_fails_for_the_second_argument_leaks_nothing() {
    let second = |address: &str| {
        format!(
            "(if (result i32) (i32.eq (global.get $calls) (i32.const 1))
                (then (i32.const 64)) (else ({address})))"
        )
    };
    for (address, wanted) in [
        (
            "i32.const 0",
            "cannot allocate 16 bytes: it returned a null pointer",
        ),
        ("i32.const 4", "not aligned to 8 bytes"),
        ("i32.const 65528", "reach past the end of the memory"),
        ("i32.const -8", "reach past the end of the memory"),
    ] {
        let (mut guest, calls) = with_malloc(&second(address));
        let error = calls.two(&mut guest, "text", &[1, 2]).unwrap_err();
        assert!(error.is::<AllocationError>(), "{error:#}");
        assert!(format!("{error:#}").contains(wanted), "{error:#}");
        // What the second call returned is no memory of the guest.
        assert_eq!(live(&mut guest), 1, "{address}");
    }
    let (mut guest, calls) = with_malloc(&second("unreachable"));
    let error = calls.two(&mut guest, "text", &[1, 2]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(live(&mut guest), 1);
}

#[test]
fn an_allocator_may_grow_the_memory() -> anyhow::Result<()> {
    let (mut guest, calls) = with_malloc(
        "(drop (memory.grow (i32.const 1)))
         (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 32))",
    );
    assert_eq!(calls.two(&mut guest, "text", &[1, 2])?, 7);
    assert_eq!(guest.guest().memory_size()?, 3 * 65536);
    Ok(())
}

#[test]
fn an_argument_that_the_memory_has_no_room_for_is_an_error() {
    let (mut guest, calls) = with_malloc("(i32.const 64)");
    let error = calls.two(&mut guest, &"x".repeat(65536), &[]).unwrap_err();
    assert!(error.is::<AllocationError>(), "{error:#}");
}

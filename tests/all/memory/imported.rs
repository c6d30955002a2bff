//! Memories that a guest imports.

use host_runtime::{
    ProvidedImport, Runtime, ValueError,
    errors::NoMemoryError,
    imports, wasm_import,
    wasmtime::{Engine, MemoryType, RefType, TableType},
};

use super::{first, length, letter};

/// A guest that imports its memory. `first` returns the byte at address 0.
const IMPORTING: &str = r#"(module
    (import "env" "memory" (memory 1))
    (import "ffi" "first" (func $first (param i32 i32) (result i32)))
    (func (export "first") (result i32) (call $first (i32.const 0) (i32.const 1)))
    (func $start (drop (call $first (i32.const 0) (i32.const 1))))
    (start $start))"#;

#[test]
fn each_guest_has_the_memory_that_it_imports() {
    let engine = Engine::default();
    let provide = |memory: ProvidedImport| {
        let builder = Runtime::builder().engine(engine.clone());
        let builder = builder.imports(imports![first]);
        builder.provide("env", "memory", memory).build().unwrap()
    };
    let ty = MemoryType::new(1, None);
    let runtime = provide(ty.clone().into());
    let mut a = runtime.instantiate(IMPORTING).unwrap();
    a.write(0, b"a").unwrap();
    assert_eq!(letter(a.call("first", ()).unwrap()), 'a');

    // `b` shares the memory of `a`. `c` is of another module and has its own memory.
    let shared = a.provided("env", "memory").unwrap();
    let b = provide(shared.into()).load(IMPORTING).unwrap();
    let b = b.instantiate_in(&mut a).unwrap();
    let c = provide(ty.clone().into()).load(IMPORTING).unwrap();
    let c = c.instantiate_in(&mut a).unwrap();
    assert_eq!(letter(b.call(&mut a, "first", ()).unwrap()), 'a');
    assert_eq!(c.call::<(), i32>(&mut a, "first", ()).unwrap(), 0);
    assert_eq!(letter(a.call("first", ()).unwrap()), 'a');

    // Two instances of one module with two memories.
    let again = provide(ty.into()).load(IMPORTING).unwrap();
    for letter_of in [b"d", b"e"] {
        let guest = again.instantiate_in(&mut a).unwrap();
        let memory = guest.raw().get_memory(a.store_mut(), "host-runtime:memory");
        memory.unwrap().write(a.store_mut(), 0, letter_of).unwrap();
        let first: i32 = guest.call(&mut a, "first", ()).unwrap();
        assert_eq!(letter(first), char::from(letter_of[0]));
    }
    assert_eq!(c.call::<(), i32>(&mut a, "first", ()).unwrap(), 0);
    assert_eq!(letter(a.call("first", ()).unwrap()), 'a');
}

/// Guest `a` calls a function of guest `b`, which tail-calls the host function.
#[test]
fn a_tail_call_in_another_guest_uses_the_memory_of_that_guest() {
    let engine = Engine::default();
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![first])
        .provide("env", "memory", MemoryType::new(1, None))
        .provide("env", "table", TableType::new(RefType::FUNCREF, 1, None));
    let mut a = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 1 funcref))
                (func (export "run") (result i32)
                    (call_indirect (result i32) (i32.const 0))))"#,
        )
        .unwrap();
    a.write(0, b"a").unwrap();
    let table = a.provided("env", "table").unwrap();
    let b = Runtime::builder()
        .engine(engine)
        .imports(imports![first])
        .provide("env", "table", table);
    let b = b.build().unwrap();
    let join = |a: &mut host_runtime::Instance, memory: &str| {
        let guest = format!(
            r#"(module
                (import "env" "table" (table 1 funcref))
                (import "ffi" "first" (func $first (param i32 i32) (result i32)))
                (memory (export "{memory}") (data "b"))
                (elem (table 0) (i32.const 0) func $f)
                (func $f (result i32) (return_call $first (i32.const 0) (i32.const 1))))"#
        );
        b.load(guest).unwrap().instantiate_in(a).unwrap();
    };
    for memory in ["memory", "heap"] {
        join(&mut a, memory);
        assert_eq!(letter(a.call("run", ()).unwrap()), 'b');
    }
}

/// The position of the memory in the list of imports does not matter.
#[test]
fn finds_the_memory_called_memory_among_several_imported() {
    let guest = |name: &str| {
        Runtime::builder()
            .imports(imports![length])
            .provide("env", "scratch", MemoryType::new(0, None))
            .provide("env", name, MemoryType::new(1, None))
            .build()
            .unwrap()
            .instantiate(format!(
                r#"(module
                    (import "env" "scratch" (memory 0))
                    (import "env" "{name}" (memory 1))
                    (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                    (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 3))))"#
            ))
            .unwrap()
    };
    let mut one = guest("memory");
    assert_eq!(one.call::<(), u32>("run", ()).unwrap(), 3);
    assert_eq!(one.memory().unwrap().len(), 65536);
    let mut none = guest("heap");
    let error = none.call::<(), u32>("run", ()).unwrap_err();
    let reason: &ValueError = error.downcast_ref().unwrap();
    assert_eq!(
        reason.to_string(),
        "the guest imports several memories (`env.scratch`, `env.heap`); export the one that host \
         functions use, or, if a `Runtime` provides it, import it as `memory`"
    );
    assert_eq!(none.memory().as_ref(), Err(reason));
}

/// One import that is listed twice is one memory. Two imports with one name from two modules are
/// two memories.
#[test]
fn imported_memories_are_compared_by_module_and_name() {
    let run = |imports: &str| {
        let guest = format!(
            r#"(module {imports}
                (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 3))))"#
        );
        let runtime = Runtime::builder().imports(imports![length]);
        let runtime = runtime
            .provide("a", "heap", MemoryType::new(1, None))
            .provide("a", "memory", MemoryType::new(1, None))
            .provide("b", "memory", MemoryType::new(1, None));
        let mut guest = runtime.build().unwrap().instantiate(guest).unwrap();
        guest.call::<(), u32>("run", ())
    };
    let twice = r#"(import "a" "heap" (memory 1)) (import "a" "heap" (memory 1))"#;
    assert_eq!(run(twice).unwrap(), 3);
    let error = run(r#"(import "a" "memory" (memory 1)) (import "b" "memory" (memory 1))"#);
    let several = ["a.memory", "b.memory"].map(str::to_owned).to_vec();
    assert_eq!(
        error.unwrap_err().downcast_ref(),
        Some(&ValueError::NoMemory(NoMemoryError::SeveralImported(
            several
        )))
    );
}

#[test]
fn an_instance_has_its_memory_after_another_trapped_in_its_start_function() {
    let runtime = Runtime::builder()
        .imports(imports![length, FAILS])
        .provide("env", "memory", MemoryType::new(1, None))
        .build()
        .unwrap();
    let mut first = runtime.instantiate("(module)").unwrap();
    let prepared = runtime
        .load(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "ffi" "length" (func $length (param i32 i32) (result i32)))
                (import "ffi" "FAILS" (global $fails (mut i32)))
                (func $start (if (global.get $fails) (then (global.set $fails (i32.const 0)) (unreachable))))
                (func (export "run") (result i32) (call $length (i32.const 0) (i32.const 3)))
                (start $start))"#,
        )
        .unwrap();
    assert!(prepared.instantiate_in(&mut first).is_err());
    let second = prepared.instantiate_in(&mut first).unwrap();
    assert_eq!(second.call::<(), u32>(&mut first, "run", ()).unwrap(), 3);
}

#[wasm_import(module = "ffi")]
static FAILS: i32 = 1;

//! What the runtime provides beside host functions, for several modules.

use host_runtime::{
    Callback, Guest, GuestSlice, Imports, Runtime, imports, wasm_import,
    wasmtime::{
        Config, Engine, FuncType, MemoryType, RefType, Result, TableType, TagType, ValType,
    },
};

/// Calls a function of the table that the guest imports, for each byte in the memory that it imports.
#[wasm_import(module = "host")]
fn each(mut guest: Guest<'_>, bytes: GuestSlice<u8>, f: Callback<(i32,), i32>) -> Result<i32> {
    let bytes = bytes.to_vec(&mut guest)?;
    let mut sum = 0;
    for byte in bytes {
        sum += guest.call(&f, (byte.into(),))?;
    }
    Ok(sum)
}

/// Imports of everything, each of them listed twice.
const IMPORTS: &str = r#"
    (import "env" "memory" (memory $memory 1 2))
    (import "env" "memory" (memory 1))
    (import "env" "__indirect_function_table" (table $table 2 4 funcref))
    (import "env" "__indirect_function_table" (table 2 funcref))
    (import "env" "error" (tag $error (param i32)))
    (import "env" "error" (tag (param i32)))
    (import "host" "each" (func $each (param i32 i32 i32) (result i32)))
    (import "host" "each" (func (param i32 i32 i32) (result i32)))"#;

#[test]
fn two_modules_over_one_memory_and_one_table() {
    let mut config = Config::new();
    config.wasm_exceptions(true);
    let engine = Engine::new(&config).unwrap();
    let builder = || {
        let builder = Runtime::builder().engine(engine.clone());
        builder.imports(imports![each])
    };
    let tag = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let first = builder()
        .provide("env", "memory", MemoryType::new(1, Some(2)))
        .provide(
            "env",
            "__indirect_function_table",
            TableType::new(RefType::FUNCREF, 2, Some(4)),
        )
        .provide("env", "error", tag)
        .build()
        .unwrap();
    // The one exports the memory again and has the functions, the other has neither.
    let mut owner = first
        .instantiate(format!(
            r#"(module {IMPORTS}
                (export "heap" (memory $memory))
                (elem (table $table) (i32.const 1) func $double)
                (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
                (func (export "run") (result i32)
                    (call $each (i32.const 8) (i32.const 2) (i32.const 1)))
                (func (export "grow") (result i32) (memory.grow $memory (i32.const 1))))"#
        ))
        .unwrap();
    let mut second = builder();
    for name in ["memory", "__indirect_function_table", "error"] {
        second = second.provide("env", name, owner.provided("env", name).unwrap());
    }
    let user = second
        .build()
        .unwrap()
        .load(format!(
            r#"(module {IMPORTS}
                (data (memory $memory) (i32.const 8) "\14\01")
                (func (export "run") (param i32) (result i32)
                    (call $each (i32.const 8) (local.get 0) (i32.const 1)))
                (func (export "size") (result i32) (memory.size $memory)))"#
        ))
        .unwrap()
        .join(&mut owner)
        .unwrap();

    assert_eq!(owner.call::<(), i32>("run", ()).unwrap(), 42);
    assert_eq!(user.call::<i32, i32>(&mut owner, "run", 2).unwrap(), 42);
    // What one grows and writes the other sees, and so does the host.
    assert_eq!(owner.call::<(), i32>("grow", ()).unwrap(), 1);
    assert_eq!(user.call::<(), i32>(&mut owner, "size", ()).unwrap(), 2);
    owner.write(8, &[3]).unwrap();
    assert_eq!(user.call::<i32, i32>(&mut owner, "run", 1).unwrap(), 6);
    // The limit is that of the type.
    assert_eq!(owner.call::<(), i32>("grow", ()).unwrap(), -1);
}

/// A module that imports nothing but what another guest exports.
#[test]
fn a_function_of_another_guest() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let mut first = runtime
        .instantiate(r#"(module (func (export "answer") (result i32) (i32.const 42)))"#)
        .unwrap();
    let answer = first.raw().get_export(first.store_mut(), "answer").unwrap();
    let second = Runtime::builder()
        .engine(runtime.engine().clone())
        .imports(Imports::none())
        .provide("first", "answer", answer)
        .build()
        .unwrap()
        .load(
            r#"(module
                (import "first" "answer" (func $answer (result i32)))
                (func (export "run") (result i32) (call $answer)))"#,
        )
        .unwrap()
        .join(&mut first)
        .unwrap();
    assert_eq!(second.call::<(), i32>(&mut first, "run", ()).unwrap(), 42);
}

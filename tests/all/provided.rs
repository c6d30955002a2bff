//! Imports that a runtime provides in addition to host functions. Several modules may share them.

use host_runtime::{
    Callback, Guest, GuestSlice, Imports, ProvidedImport, Runtime, imports, wasm_import,
    wasmtime::{
        self, Config, Engine, ExternRef, Func, FuncType, MemoryType, Ref, RefType, Rooted, Table,
        TableType, TagType, Val, ValType,
    },
};

/// Calls the callback for each byte, and returns the sum of the results.
#[wasm_import(module = "host")]
fn each(
    mut guest: Guest<'_>,
    bytes: GuestSlice<u8>,
    f: Callback<(i32,), i32>,
) -> anyhow::Result<i32> {
    let bytes = bytes.to_vec(&mut guest)?;
    let mut sum = 0;
    for byte in bytes {
        sum += guest.call(&f, (byte.into(),))?;
    }
    Ok(sum)
}

/// A memory, a table, a tag and a host function. Each of them is imported twice.
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
fn two_modules_may_share_one_memory_and_one_table() {
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
    // The first module exports the memory and fills the table. The second module does neither.
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
        .instantiate_in(&mut owner)
        .unwrap();

    assert_eq!(owner.call::<(), i32>("run", ()).unwrap(), 42);
    assert_eq!(user.call::<i32, i32>(&mut owner, "run", 2).unwrap(), 42);
    // Both modules and the host access the same memory.
    assert_eq!(owner.call::<(), i32>("grow", ()).unwrap(), 1);
    assert_eq!(user.call::<(), i32>(&mut owner, "size", ()).unwrap(), 2);
    owner.write(8, &[3]).unwrap();
    assert_eq!(user.call::<i32, i32>(&mut owner, "run", 1).unwrap(), 6);
    // The memory has the maximum of its type.
    assert_eq!(owner.call::<(), i32>("grow", ()).unwrap(), -1);
}

#[test]
fn a_runtime_may_provide_an_export_of_another_guest() {
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
        .instantiate_in(&mut first)
        .unwrap();
    assert_eq!(second.call::<(), i32>(&mut first, "run", ()).unwrap(), 42);
}

/// One guest throws an exception, and another guest catches it.
#[test]
fn guests_of_a_store_may_share_a_tag() {
    let mut config = Config::new();
    config.wasm_exceptions(true);
    let engine = Engine::new(&config).unwrap();
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let first = Runtime::builder()
        .engine(engine.clone())
        .imports(Imports::none())
        .provide("env", "error", ty)
        .build()
        .unwrap();
    let mut thrower = first
        .instantiate(
            r#"(module (import "env" "error" (tag $error (param i32)))
                (func (export "throw") (param i32) (throw $error (local.get 0))))"#,
        )
        .unwrap();
    let throw = thrower
        .raw()
        .get_func(thrower.store_mut(), "throw")
        .unwrap();
    let second = Runtime::builder()
        .engine(engine)
        .imports(Imports::none())
        .provide("env", "error", thrower.provided("env", "error").unwrap())
        .provide("env", "throw", wasmtime::Extern::Func(throw))
        .build()
        .unwrap();
    let catcher = second
        .load(
            r#"(module (import "env" "error" (tag $error (param i32)))
                (import "env" "throw" (func $throw (param i32)))
                (func (export "run") (param i32) (result i32)
                    (block $caught (result i32)
                        (try_table (catch $error $caught) (call $throw (local.get 0)))
                        (i32.const -1))))"#,
        )
        .unwrap();
    let catcher = catcher.instantiate_in(&mut thrower).unwrap();
    assert_eq!(catcher.call::<i32, i32>(&mut thrower, "run", 7).unwrap(), 7);
    let wrong = r#"(module (import "env" "error" (tag (param i64))))"#;
    let error = first.load(wrong).unwrap_err().to_string();
    assert!(error.contains("host:  (tag (func (param i32)))"), "{error}");
}

/// The builder of a runtime without host functions.
fn builder() -> host_runtime::RuntimeBuilder {
    Runtime::builder().imports(Imports::none())
}

#[test]
fn a_null_reference_is_valid_for_a_global_of_every_nullable_type() {
    let null = [
        ("externref", Val::null_extern_ref()),
        ("(ref null noextern)", Val::null_extern_ref()),
        ("funcref", Val::null_func_ref()),
        ("(ref null nofunc)", Val::null_func_ref()),
        ("(ref null $ty)", Val::null_func_ref()),
        ("anyref", Val::null_any_ref()),
        ("structref", Val::null_any_ref()),
        ("(ref null i31)", Val::null_any_ref()),
    ];
    for (ty, value) in null {
        for (of_type, given) in [
            (ty.to_owned(), ProvidedImport::GlobalConst(value)),
            (format!("(mut {ty})"), ProvidedImport::GlobalVar(value)),
        ] {
            let module = format!(
                r#"(module
                    (type $ty (func))
                    (import "env" "none" (global $none {of_type}))
                    (func (export "is_null") (result i32) (ref.is_null (global.get $none))))"#
            );
            let runtime = builder().provide("env", "none", given).build().unwrap();
            let mut guest = runtime.instantiate(module).expect(&of_type);
            assert_eq!(
                guest.call::<(), i32>("is_null", ()).unwrap(),
                1,
                "{of_type}"
            );
        }
    }
}

#[test]
fn a_null_reference_for_a_global_of_a_non_nullable_type_is_an_error() {
    let runtime = builder()
        .provide(
            "env",
            "some",
            ProvidedImport::GlobalConst(Val::null_extern_ref()),
        )
        .build()
        .unwrap();
    let error = runtime
        .instantiate(r#"(module (import "env" "some" (global (ref extern))))"#)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the module does not fit the host:\
         \n  `env.some`, provided with `Runtime::builder().provide(…)`, has another type than the \
         guest imports\
         \n      host:  (global externref)\
         \n      guest: (global (ref extern))"
    );
}

#[test]
fn provide_with_makes_an_import_for_each_store() {
    let runtime = builder()
        .provide_with("env", "document", |store| {
            let document = ExternRef::new(store, String::from("a document"))?;
            Ok(ProvidedImport::GlobalConst(Val::ExternRef(Some(document))))
        })
        .provide_with("env", "table", |mut store| {
            let func = Func::wrap(&mut store, |x: i32| x + 1);
            let ty = TableType::new(RefType::FUNCREF, 1, None);
            let table = Table::new(&mut store, ty, Ref::Func(Some(func)))?;
            Ok(ProvidedImport::Extern(table.into()))
        })
        .build()
        .unwrap();
    let prepared = runtime
        .load(
            r#"(module
                (type $next (func (param i32) (result i32)))
                (import "env" "document" (global $document (ref extern)))
                (import "env" "table" (table $table 1 funcref))
                (func (export "document") (result externref) (global.get $document))
                (func (export "next") (param i32) (result i32)
                    (call_indirect $table (type $next) (local.get 0) (i32.const 0))))"#,
        )
        .unwrap();
    for _ in 0..2 {
        let mut guest = prepared.instantiate().unwrap();
        assert_eq!(guest.call::<i32, i32>("next", 41).unwrap(), 42);
        let document = guest.call::<(), Option<Rooted<ExternRef>>>("document", ());
        let document = document.unwrap().unwrap();
        let data = document.data(guest.store_mut()).unwrap().unwrap();
        assert_eq!(data.downcast_ref::<String>().unwrap(), "a document");
    }
}

#[test]
fn instantiate_returns_an_error_of_provide_with() {
    let runtime = builder()
        .provide_with("env", "document", |_| wasmtime::bail!("no document"))
        .build()
        .unwrap();
    let module = r#"(module (import "env" "document" (global externref)))"#;
    assert_eq!(
        runtime.instantiate(module).unwrap_err().to_string(),
        "no document"
    );
}

#[test]
fn the_link_report_lists_what_is_provided_but_not_imported() {
    let runtime = builder()
        .provide("env", "memroy", MemoryType::new(1, None))
        .provide("env", "base", ProvidedImport::GlobalConst(8.into()))
        .build()
        .unwrap();
    let error = runtime
        .load(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "env" "base" (global i32)))"#,
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the module does not fit the host:\
         \n  `env.memory` is missing, (memory 1)\
         \n      provide one with `Runtime::builder().provide(\"env\", \"memory\", \
         MemoryType::new(1, None))`\
         \n  provided and not imported: `env.memroy`"
    );
}

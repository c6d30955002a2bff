//! The table in which the runtime looks up the callbacks of a guest.

use host_runtime::{
    Callback, Guest, Imports, Instance, ProvidedImport, Runtime, ValueError,
    errors::{CallbackError, NoTableError},
    imports, wasm_import,
    wasmtime::{self, Module},
};

/// A guest that imports its function table and does not export it.
const IMPORTS_TABLE: &str = r#"(module
    (import "env" "__indirect_function_table" (table 4 funcref))
    (import "list" "twice" (func $twice (param i32) (result i32)))
    (elem (i32.const 2) func $add)
    (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 5)))
    (func (export "run") (param i32) (result i32) (call $twice (local.get 0))))"#;

#[wasm_import(module = "list", name = "twice")]
fn apply_twice(mut guest: Guest<'_>, f: Callback<i32, i32>) -> anyhow::Result<i32> {
    let once = guest.call(&f, 1)?;
    guest.call(&f, once)
}

#[test]
fn callbacks_use_an_imported_table() {
    let runtime = Runtime::builder()
        .imports(imports![apply_twice])
        .provide(
            "env",
            "__indirect_function_table",
            wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None),
        )
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(IMPORTS_TABLE).unwrap();
    assert_eq!(guest.call::<i32, i32>("run", 2).unwrap(), 11);
    // After `store_mut` the store may hold other instances, so the runtime looks up the caller.
    // Each instance has its own table.
    guest.store_mut();
    assert_eq!(guest.call::<i32, i32>("run", 2).unwrap(), 11);
    let other = IMPORTS_TABLE.replace("i32.const 5", "i32.const 50");
    let joined = runtime
        .load(other)
        .unwrap()
        .instantiate_in(&mut guest)
        .unwrap();
    assert_eq!(joined.call::<i32, i32>(&mut guest, "run", 2).unwrap(), 101);
    assert_eq!(guest.call::<i32, i32>("run", 2).unwrap(), 11);
    let error = guest.call::<i32, i32>("run", 4).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "there is no function 4 in the guest's table, which has 4"
    );
}

/// The position of the table in the list of imports does not matter.
#[test]
fn callbacks_use_the_imported_table_called_indirect_function_table() {
    let ty = || wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None);
    let run = |other: &str, name: &str| {
        let guest = format!(
            r#"(module
                (import "env" "{other}" (table $other 4 funcref))
                (import "env" "{name}" (table $own 4 funcref))
                (import "list" "twice" (func $twice (param i32) (result i32)))
                (elem (table $other) (i32.const 2) func $wrong)
                (elem (table $own) (i32.const 2) func $add)
                (func $wrong (param i32) (result i32) (i32.const -1))
                (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 5)))
                (func (export "run") (param i32) (result i32) (call $twice (local.get 0))))"#
        );
        let runtime = Runtime::builder().imports(imports![apply_twice]);
        let runtime = runtime
            .provide("env", other, ty())
            .provide("env", name, ty());
        let mut guest = runtime.build().unwrap().instantiate(guest).unwrap();
        guest.call::<i32, i32>("run", 2)
    };
    assert_eq!(run("dispatch", "__indirect_function_table").unwrap(), 11);
    let error = run("dispatch", "handlers").unwrap_err();
    assert_eq!(
        error.downcast_ref(),
        Some(&ValueError::Callback(CallbackError::NoTable(
            NoTableError::SeveralUnexported
        )))
    );
}

#[test]
fn two_instances_can_share_an_imported_table_or_have_one_each() {
    let name = "__indirect_function_table";
    let plugins = |first: &mut Instance, table: ProvidedImport| {
        let plugins = Runtime::builder()
            .engine(first.engine().clone())
            .imports(imports![apply_twice])
            .provide("env", name, table)
            .build()
            .unwrap();
        let plugin = plugins.load(IMPORTS_TABLE).unwrap();
        let both = [(); 2].map(|()| plugin.instantiate_in(first).unwrap());
        both.map(|plugin| plugin.call::<i32, i32>(first, "run", 2))
    };
    let ty = wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None);
    let runtime = Runtime::builder()
        .imports(Imports::none())
        .provide("env", name, ty.clone());
    let mut first = runtime
        .build()
        .unwrap()
        .instantiate(format!(
            r#"(module (import "env" "{name}" (table 4 funcref)))"#
        ))
        .unwrap();
    let table = first.provided("env", name).unwrap();
    for result in plugins(&mut first, table.into()) {
        assert_eq!(result.unwrap(), 11);
    }
    for result in plugins(&mut first, ty.into()) {
        assert_eq!(result.unwrap(), 11);
    }
}

/// The attribute or the builder may name the table. Without a name, the runtime takes the only
/// exported table, whatever its name, or else the only table of the module.
#[test]
fn callbacks_use_the_named_table_or_the_only_one() {
    #[wasm_import(module = "ffi", table = "second")]
    fn in_second(mut guest: Guest<'_>, f: Callback<(), i32>) -> anyhow::Result<i32> {
        guest.call(&f, ())
    }
    #[wasm_import(module = "ffi")]
    fn in_table(mut guest: Guest<'_>, f: Callback<(), i32>) -> anyhow::Result<i32> {
        guest.call(&f, ())
    }
    let guest = |tables: &str| {
        format!(
            r#"(module
                (import "ffi" "in_second" (func $second (param i32) (result i32)))
                (import "ffi" "in_table" (func $table (param i32) (result i32)))
                {tables}
                (func $one (result i32) (i32.const 1))
                (func $two (result i32) (i32.const 2))
                (func (export "in_second") (result i32) (call $second (i32.const 0)))
                (func (export "in_table") (result i32) (call $table (i32.const 0))))"#
        )
    };
    let builder = || Runtime::builder().imports(imports![in_second, in_table]);
    let two = r#"(table (export "first") funcref (elem $one)) (table (export "second") funcref (elem $two))"#;
    let mut named = builder()
        .table("first")
        .build()
        .unwrap()
        .instantiate(guest(two))
        .unwrap();
    for store_borrowed in [false, true] {
        assert_eq!(named.call::<(), i32>("in_second", ()).unwrap(), 2);
        assert_eq!(named.call::<(), i32>("in_table", ()).unwrap(), 1);
        if !store_borrowed {
            named.store_mut();
        }
    }
    for only in [
        r#"(table (export "Ma") funcref (elem $one))"#,
        "(table funcref (elem $one))",
    ] {
        let mut instance = builder().build().unwrap().instantiate(guest(only)).unwrap();
        assert_eq!(instance.call::<(), i32>("in_table", ()).unwrap(), 1);
        let error = instance.call::<(), i32>("in_second", ()).unwrap_err();
        assert_eq!(
            error.downcast_ref(),
            Some(&ValueError::Callback(CallbackError::NoTable(
                NoTableError::NotNamed {
                    wanted: "second".to_owned(),
                    exported: only
                        .contains("Ma")
                        .then(|| "Ma".to_owned())
                        .into_iter()
                        .collect(),
                }
            )))
        );
    }
}

#[wasm_import(module = "list", table = "tab")]
fn in_named(mut guest: Guest<'_>, callback: Callback<(), i32>) -> anyhow::Result<i32> {
    guest.call(&callback, ())
}

#[wasm_import(module = "list")]
fn in_table(mut guest: Guest<'_>, callback: Callback<(), i32>) -> anyhow::Result<i32> {
    guest.call(&callback, ())
}

/// The error names the missing table and lists the exported ones.
#[test]
fn a_missing_table_is_an_error() {
    let run = |function: &str, tables: &str, table: Option<&str>| {
        let builder = Runtime::builder().imports(imports![in_named, in_table]);
        let builder = match table {
            Some(name) => builder.table(name),
            None => builder,
        };
        let mut guest = builder
            .build()
            .unwrap()
            .instantiate(format!(
                r#"(module
                    (import "list" "{function}" (func $f (param i32) (result i32)))
                    {tables}
                    (memory (export "memory") 1)
                    (func (export "run") (result i32) (call $f (i32.const 0))))"#
            ))
            .unwrap();
        guest.call::<(), i32>("run", ()).unwrap_err()
    };
    let one = r#"(table (export "table") 1 funcref)"#;
    let not_named = "the guest exports no function table called `tab`; it exports `table`";
    let several = "the guest exports several tables of functions (`a`, `b`); select one with \
                       `table = \"…\"` in the attribute or with `RuntimeBuilder::table`";
    for (error, text) in [
        (run("in_named", one, None), not_named),
        (run("in_table", one, Some("tab")), not_named),
        (
            run("in_named", r#"(table (export "tab") 1 externref)"#, None),
            "the guest exports no function table called `tab`; it exports nothing",
        ),
        (
            run(
                "in_table",
                r#"(table (export "a") 1 funcref) (table (export "b") 1 funcref)"#,
                None,
            ),
            several,
        ),
    ] {
        assert!(
            error.to_string().contains(text) || format!("{error:#}").contains(text),
            "{error:#}"
        );
    }
}

/// The table's element type may be one function type or non-nullable, and the table may be exported
/// under two names.
#[test]
fn callbacks_work_with_tables_of_other_types_and_with_two_names() {
    let guest = |table: &str| {
        format!(
            r#"(module
                (type $type (func (result i32)))
                (import "list" "in_table" (func $f (param i32) (result i32)))
                (memory (export "a") (export "b") 1)
                {table}
                (elem declare func $one)
                (func $one (result i32) (i32.const 1))
                (func (export "run") (result i32) (call $f (i32.const 0))))"#
        )
    };
    let runtime = Runtime::builder()
        .imports(imports![in_table])
        .build()
        .unwrap();
    for table in [
        "(table 1 (ref null $type)) (elem (i32.const 0) (ref null $type) (ref.func $one))",
        "(table 1 (ref func) (ref.func $one))",
    ] {
        let mut instance = runtime.instantiate(guest(table)).unwrap();
        assert_eq!(instance.call::<(), i32>("run", ()).unwrap(), 1, "{table}");
    }
    // A module that the embedder compiled works too if it exports the table.
    for table in [
        r#"(table (export "x") 1 (ref func) (ref.func $one))"#,
        r#"(table (export "x") (export "y") 1 funcref) (elem (i32.const 0) $one)"#,
    ] {
        let module = Module::new(runtime.engine(), guest(table)).unwrap();
        let module = runtime.instantiate_pre(&module).unwrap();
        for store_borrowed in [false, true] {
            let mut instance = module.instantiate().unwrap();
            if store_borrowed {
                instance.store_mut();
            }
            assert_eq!(instance.call::<(), i32>("run", ()).unwrap(), 1, "{table}");
        }
    }
}

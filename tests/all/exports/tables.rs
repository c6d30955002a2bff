//! Tables of a guest, and host functions that are put into them.

use host_runtime::{
    Callback, Guest, HostData, HostObject, Imports, Runtime,
    errors::{ExportError, MissingStateError},
    imports, wasm_import,
    wasmtime::{Engine, Linker, Module, Store},
};

use super::guest;

#[derive(Clone, Default)]
struct Seen(Vec<String>);

#[wasm_import]
fn see(#[state] seen: &mut Seen, text: &str) -> u32 {
    seen.0.push(text.to_owned());
    u32::try_from(seen.0.len()).unwrap()
}

#[wasm_import]
fn call_other(mut guest: Guest<'_>, x: u32, y: u32) -> anyhow::Result<u32> {
    guest.call(&Callback::<(u32, u32), u32>::new(0), (y, x))
}

/// Puts both functions into the table of the guest that calls it.
#[wasm_import(module = "host")]
fn put(mut guest: Guest<'_>) -> anyhow::Result<u32> {
    guest.put_function(&imports![call_other])?;
    guest.put_function(&imports![see])
}

/// A module that calls the function at an index with the pointer and the length of a text.
const MODULE: &str = r#"
    (memory (export "memory") 1)
    (data (i32.const 8) "from the guest")
    (type $see (func (param i32 i32) (result i32)))
    (table (export "__indirect_function_table") 1 4 funcref)
    (elem (i32.const 0) func $subtract)
    (func $subtract (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func (export "call") (param i32) (result i32)
        (call_indirect (type $see) (i32.const 8) (i32.const 14) (local.get 0)))"#;

#[test]
fn a_guest_calls_host_functions_through_its_table() -> anyhow::Result<()> {
    let runtime = Runtime::builder()
        .imports(Imports::none())
        .state(Seen::default());
    let mut guest = runtime.build()?.instantiate(format!("(module {MODULE})"))?;
    let see = guest.guest().put_function(&imports![see])?;
    let other = guest.guest().put_function(&imports![call_other])?;
    assert_eq!((see, other), (1, 2));
    assert_eq!(guest.call::<_, u32>("call", see)?, 1);
    assert_eq!(guest.call::<_, i32>("call", other)?, 14 - 8);
    guest.store_mut();
    assert_eq!(guest.call::<_, u32>("call", see)?, 2);
    assert_eq!(guest.call::<_, i32>("call", other)?, 14 - 8);
    assert_eq!(guest.state::<Seen>()?.0, ["from the guest"; 2]);
    Ok(())
}

#[test]
fn a_host_function_puts_others_into_the_table() -> anyhow::Result<()> {
    let module = format!(
        r#"(module (import "host" "put" (func $put (result i32))) {MODULE}
            (func (export "put") (result i32) (call $put)))"#
    );
    let runtime = Runtime::builder()
        .imports(imports![put])
        .state(Seen::default());
    let mut guest = runtime.build()?.instantiate(&module)?;
    let see: u32 = guest.call("put", ())?;
    assert_eq!(guest.call::<_, u32>("call", see)?, 1);

    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![put].add_to_linker(&mut linker, |host: &mut HostData| host)?;
    let mut store = Store::new(&engine, HostData::new().with(Seen::default()));
    let module = Module::new(&engine, module)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let put = instance.get_typed_func::<(), u32>(&mut store, "put")?;
    let call = instance.get_typed_func::<u32, u32>(&mut store, "call")?;
    let see = put.call(&mut store, ())?;
    assert_eq!(call.call(&mut store, see)?, 1);
    assert_eq!(store.data().state::<Seen>().unwrap().0, ["from the guest"]);
    Ok(())
}

#[test]
fn a_function_that_cannot_be_put_into_the_table_is_an_error() -> anyhow::Result<()> {
    let runtime = Runtime::builder().imports(Imports::none()).build()?;
    let mut guest = runtime.instantiate(format!("(module {MODULE})"))?;
    let error = guest.guest().put_function(&imports![see]).unwrap_err();
    assert!(error.is::<MissingStateError>(), "{error:#}");
    let error = guest.guest().put_function(&imports![see, put]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a set with one host function to put into the guest's table, found 2"
    );
    for _ in 0..3 {
        guest.guest().put_function(&imports![call_other])?;
    }
    let error = guest
        .guest()
        .put_function(&imports![call_other])
        .unwrap_err();
    assert!(
        error.to_string().contains("failed to grow table"),
        "{error:#}"
    );
    let mut without = runtime.instantiate("(module)")?;
    let error = without
        .guest()
        .put_function(&imports![call_other])
        .unwrap_err();
    assert!(error.to_string().contains("table"), "{error:#}");
    Ok(())
}

#[test]
fn objects_in_tables_are_read_and_set() -> anyhow::Result<()> {
    let mut instance = guest(r#"(module (table (export "objects") 2 3 externref))"#);
    let mut guest = instance.guest();
    guest.set_table("objects", 1, Some(HostObject::new("text".to_owned())))?;
    assert_eq!(guest.table_size("objects")?, 2);
    assert_eq!(guest.grow_table("objects", 1)?, 2);
    assert!(guest.table_object::<String>("objects", 0)?.is_none());
    assert_eq!(
        *guest.table_object::<String>("objects", 1)?.unwrap(),
        "text"
    );
    let error = guest.table_object::<u8>("objects", 1).unwrap_err();
    assert_eq!(error.to_string(), "it is another object: expected a `u8`");
    let error = guest.table_object::<String>("objects", 3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 is past the end of the guest's table `objects`, which has 3 entries"
    );
    assert_eq!(
        guest.table_size("none").unwrap_err(),
        ExportError::Missing {
            name: "none".to_owned(),
            wanted: "table",
            nearest: Vec::new(),
            functions: None,
        }
    );
    Ok(())
}

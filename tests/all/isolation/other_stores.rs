//! Functions and items that belong to another instance or another store.

use std::mem;

use host_runtime::{
    HostData, Imports, Runtime, ValueError,
    errors::{ExportError, NoMemoryError, WrongStoreError},
    wasmtime::{Extern, Store},
};

use super::prepared_module;

#[test]
fn a_function_of_another_instance_is_an_error() {
    let (_, prepared) = prepared_module();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    let run = a.func::<(), i32>("run").unwrap();
    assert_eq!(run.call(&mut a, ()).unwrap(), 1);
    let error = run.call(&mut b, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&WrongStoreError::OtherInstance));
    let joined = prepared.instantiate_in(&mut a).unwrap();
    assert_eq!(joined.call::<(), i32>(&mut a, "run", ()).unwrap(), 1);
    let error = joined.func::<(), i32>(&mut b, "run").unwrap_err();
    assert_eq!(
        error,
        ExportError::WrongStore(WrongStoreError::OtherInstance)
    );
}

#[test]
fn a_call_after_the_stores_are_swapped_is_an_error() {
    let (_, prepared) = prepared_module();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    let run = a.func::<(), i32>("run").unwrap();
    mem::swap(a.store_mut(), b.store_mut());
    let error = run.call(&mut a, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&WrongStoreError::Replaced));
    let error = b.func::<(), i32>("run").unwrap_err();
    assert_eq!(error, ExportError::WrongStore(WrongStoreError::Replaced));
    assert_eq!(
        a.read(0, 1),
        Err(ValueError::NoMemory(NoMemoryError::StoreReplaced))
    );
    assert!(prepared.instantiate_in(&mut a).is_err());
    mem::swap(a.store_mut(), b.store_mut());
    assert_eq!(run.call(&mut a, ()).unwrap(), 1);
    // A new store in place of the old one is an error too, whatever its address.
    for _ in 0..4 {
        let engine = a.engine().clone();
        *a.store_mut() = Store::new(&engine, HostData::new());
        assert!(run.call(&mut a, ()).is_err());
    }
}

#[test]
fn providing_an_item_of_another_store_is_an_error() {
    let (runtime, prepared) = prepared_module();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    let externs: [(&str, Extern); 2] = ["memory", "run"].map(|name| {
        let item = a.raw().get_export(a.store_mut(), name).unwrap();
        (name, item)
    });
    for (name, item) in externs {
        let other = Runtime::builder()
            .engine(runtime.engine().clone())
            .imports(Imports::none())
            .provide("env", name, item);
        let import = match name {
            "memory" => "(memory 1)",
            _ => "(func (result i32))",
        };
        let module = format!(r#"(module (import "env" "{name}" {import}))"#);
        let module = other.build().unwrap().load(module).unwrap();
        assert!(module.instantiate_in(&mut a).is_ok());
        for error in [
            module.instantiate_in(&mut b).map(drop),
            module.instantiate().map(drop),
        ] {
            let error = error.unwrap_err();
            let expected = format!("what is provided as `env.{name}` belongs to another store");
            assert!(error.is::<WrongStoreError>());
            assert!(error.to_string().contains(&expected), "{error}");
        }
    }
}

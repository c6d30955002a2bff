//! Modules that do not export their memory, and the exports that the runtime adds to them.

use host_runtime::{
    Imports, Runtime, ValueError,
    errors::{NoMemoryError, ReservedExportError},
    imports,
    wasmtime::{Engine, MemoryType, Module},
};

use super::{FILLS, builder, fill};
use crate::support;

/// The runtime cannot add an export to a module that the embedder compiled. It finds the imported
/// memory only while the store holds no other instance.
#[test]
fn finds_the_imported_memory_of_an_embedders_module_while_it_is_alone_in_the_store() {
    let engine = Engine::default();
    let runtime = builder(&engine).provide("env", "memory", MemoryType::new(1, None));
    let module = Module::new(&engine, FILLS).unwrap();
    let prepared = runtime.build().unwrap().instantiate_pre(&module).unwrap();
    let mut guest = prepared.instantiate().unwrap();
    guest.call::<(), ()>("fill", ()).unwrap();
    assert_eq!(guest.call::<(), i32>("first", ()).unwrap(), 7);
    guest.store_mut();
    let error = guest.call::<(), ()>("fill", ()).unwrap_err();
    let reason: &ValueError = error.downcast_ref().unwrap();
    assert_eq!(*reason, ValueError::NoMemory(NoMemoryError::ImportedOnly));
    assert_eq!(
        reason.to_string(),
        "the guest imports its memory and does not export it, and the store may hold other \
         instances; load the module by `Runtime::load` in place of `Runtime::instantiate_pre`, or \
         export the memory"
    );
    // `Instance::read` still finds the memory.
    assert_eq!(guest.read(0, 4).unwrap(), [7; 4]);
}

#[test]
fn finds_a_memory_that_is_not_exported() {
    let mut guest = support::guest(
        imports![fill],
        r#"(module
                (import "ffi" "fill" (func $fill (param i32 i32)))
                (memory 1)
                (func (export "fill") (call $fill (i32.const 0) (i32.const 4))))"#,
    );
    for _ in 0..2 {
        guest.call::<(), ()>("fill", ()).unwrap();
        assert_eq!(guest.read(0, 4).unwrap(), [7; 4]);
        guest.write(0, &[0; 4]).unwrap();
        guest.store_mut();
    }
}

#[test]
fn a_module_that_exports_a_reserved_name_is_an_error() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let error = runtime
        .load(r#"(module (memory (export "host-runtime:memory") 1))"#)
        .unwrap_err();
    assert!(error.is::<ReservedExportError>());
    assert!(error.to_string().contains("rename the export"), "{error}");
}

#[test]
fn an_error_does_not_list_reserved_exports() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let guest = r#"(module
        (import "ffi" "fill" (func (param i32 i32)))
        (memory (export "a") 1)
        (func (export "run")))"#;
    let mut guest = runtime.instantiate(guest).unwrap();
    let error = guest.func::<(), ()>("gone").unwrap_err();
    assert!(!error.to_string().contains("host-runtime:"), "{error}");
}

#[test]
fn a_compile_error_has_the_offset_in_the_original_module() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let module = wat::parse_str(
        r#"(module
            (import "ffi" "fill" (func (param i32 i32)))
            (memory 1)
            (func (export "run") (result i32) (i64.const 0)))"#,
    )
    .unwrap();
    let expected = format!(
        "{:#}",
        Module::validate(runtime.engine(), &module).unwrap_err()
    );
    let error = format!("{:#}", runtime.load(&module).unwrap_err());
    assert!(
        error.contains(&expected),
        "{error} does not contain {expected}"
    );
}

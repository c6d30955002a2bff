//! Memory names that the embedder sets in the host data.

use host_runtime::{
    HostData, Runtime, imports, wasm_import,
    wasmtime::{Engine, Linker, Module, Store},
};

#[wasm_import(module = "ffi")]
fn fill(out: &mut [u8]) {
    out.fill(7);
}

const TWO_MEMORIES: &str = r#"(module
    (import "ffi" "fill" (func $fill (param i32 i32)))
    (memory $memory (export "memory") 1)
    (memory $heap (export "heap") 1)
    (func (export "fill") (call $fill (i32.const 0) (i32.const 4)))
    (func (export "of_memory") (result i32) (i32.load8_u $memory (i32.const 0)))
    (func (export "of_heap") (result i32) (i32.load8_u $heap (i32.const 0))))"#;

#[test]
fn an_instance_keeps_the_memory_name_that_instantiate_with_sets() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    for store_borrowed in [false, true] {
        let module = runtime.load(TWO_MEMORIES).unwrap();
        let mut guest = module
            .instantiate_with(|host| host.set_memory_name("heap"))
            .unwrap();
        if store_borrowed {
            guest.store_mut();
        }
        guest.call::<(), ()>("fill", ()).unwrap();
        assert_eq!(
            guest.call::<(), i32>("of_heap", ()).unwrap(),
            7,
            "{store_borrowed}"
        );
        assert_eq!(guest.read(0, 1).unwrap(), [7], "{store_borrowed}");
    }
}

#[test]
fn host_functions_use_the_memory_name_that_was_set_last() {
    let engine = Engine::default();
    let module = Module::new(&engine, TWO_MEMORIES).unwrap();
    for for_module in [false, true] {
        let mut linker = Linker::<HostData>::new(&engine);
        if for_module {
            imports![fill]
                .add_to_linker_for(&module, &mut linker, |host| host)
                .unwrap();
        } else {
            imports![fill]
                .add_to_linker(&mut linker, |host| host)
                .unwrap();
        }
        let mut host = HostData::new();
        host.set_memory_name("heap");
        let mut store = Store::new(&engine, host);
        let guest = linker.instantiate(&mut store, &module).unwrap();
        let fill = guest.get_typed_func::<(), ()>(&mut store, "fill").unwrap();
        for (memory, name) in [("heap", "of_heap"), ("memory", "of_memory")] {
            store.data_mut().set_memory_name(memory);
            let first = guest.get_typed_func::<(), i32>(&mut store, name).unwrap();
            assert_eq!(first.call(&mut store, ()).unwrap(), 0);
            fill.call(&mut store, ()).unwrap();
            assert_eq!(
                first.call(&mut store, ()).unwrap(),
                7,
                "{memory} {for_module}"
            );
        }
    }
}

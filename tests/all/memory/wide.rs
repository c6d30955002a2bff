//! Memories with 64-bit addresses.

use host_runtime::{
    GuestSize, HostData, Runtime, ValueError, imports, wasm_import,
    wasmtime::{Engine, Linker, MemoryType, Module, Store},
};

use crate::support;

#[wasm_import(module = "wide")]
mod wide {
    use host_runtime::{
        GuestSize,
        values::{Indirect, SliceList},
    };

    pub fn sum(numbers: &[u16], out: &mut u64) -> GuestSize {
        *out = numbers.iter().copied().map(u64::from).sum();
        GuestSize(numbers.len() as u64)
    }
    pub fn through(text: Indirect<String>) -> u64 {
        text.0.len() as u64
    }
    pub fn each(list: SliceList<&[u8]>) -> u64 {
        list.0.iter().map(|bytes| bytes.len() as u64).sum()
    }
}

/// A guest with a 64-bit memory. Three numbers are at 16. A pointer to 16 and a length are at 32.
const WIDE: &str = r#"(module
    (import "wide" "sum" (func $sum (param i64 i64 i64) (result i64)))
    (import "wide" "through" (func $through (param i64) (result i64)))
    (import "wide" "each" (func $each (param i64 i64) (result i64)))
    (memory (export "m") i64 1)
    (data (i64.const 16) "\01\00\02\00\03\00")
    (data (i64.const 32) "\10\00\00\00\00\00\00\00\05\00\00\00\00\00\00\00")
    (func (export "sum") (param i64 i64) (result i64 i64)
        (call $sum (local.get 0) (local.get 1) (i64.const 8))
        (i64.load (i64.const 8)))
    (func (export "through") (param i64) (result i64) (call $through (local.get 0)))
    (func (export "each") (param i64) (result i64) (call $each (local.get 0) (i64.const 1))))"#;

#[test]
fn all_64_bits_of_an_address_are_checked() {
    let mut guest = support::guest(imports![mod wide], WIDE);
    let mut sum =
        |pointer: u64, length: u64| guest.call::<(u64, u64), (u64, u64)>("sum", (pointer, length));
    assert_eq!(sum(16, 3).unwrap(), (3, 6));
    for (pointer, length) in [
        (16, 1 << 63),
        (u64::MAX - 1, 1),
        (1 << 32, 1),
        (0, u64::MAX),
    ] {
        let error = sum(pointer, length).unwrap_err();
        let reason = error.downcast_ref::<ValueError>().unwrap();
        assert!(matches!(reason, ValueError::OutOfBounds { .. }), "{reason}");
    }
    assert_eq!(guest.call::<u64, u64>("through", 32).unwrap(), 5);
    assert_eq!(guest.call::<u64, u64>("each", 32).unwrap(), 5);
    let error = guest.call::<u64, u64>("through", 1 << 40).unwrap_err();
    assert!(error.downcast_ref::<ValueError>().is_some());
}

#[test]
fn a_64_bit_memory_works_with_an_embedders_linker() {
    let engine = Engine::default();
    let module = Module::new(&engine, WIDE).unwrap();
    let mut linker = Linker::<HostData>::new(&engine);
    imports![mod wide]
        .add_to_linker_for(&module, &mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let through = instance.get_typed_func::<u64, u64>(&mut store, "through");
    assert_eq!(through.unwrap().call(&mut store, 32).unwrap(), 5);
}

#[test]
fn a_guest_with_a_64_bit_memory_and_32_bit_pointers_does_not_fit() {
    let runtime = Runtime::builder().imports(imports![wide::sum]).build();
    let module = r#"(module
        (import "wide" "sum" (func (param i32 i32 i64) (result i64)))
        (memory (export "m") i64 1))"#;
    let error = runtime.unwrap().load(module).unwrap_err().to_string();
    assert!(
        error.contains("host:  (func (param i64 i64 i64) (result i64))"),
        "{error}"
    );
    assert!(
        error.contains("`numbers: &[u16]` is i64 i64 here and i32 i32 in the guest"),
        "{error}"
    );
}

/// It does not matter which of the memories is the guest's.
#[test]
fn a_guest_size_has_64_bits_if_all_memories_do() {
    #[wasm_import(module = "ffi")]
    fn same(x: GuestSize) -> GuestSize {
        x
    }
    let runtime = Runtime::builder()
        .imports(imports![same])
        .provide("env", "a", MemoryType::new64(0, None))
        .provide("env", "b", MemoryType::new64(0, None));
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "env" "a" (memory i64 0))
                (import "env" "b" (memory i64 0))
                (import "ffi" "same" (func $same (param i64) (result i64)))
                (export "same" (func $same)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<u64, u64>("same", 1 << 40).unwrap(), 1 << 40);
}

//! Which memory a host function uses. It is a memory of the guest that calls, whatever its name and
//! whatever other instances the store has.

mod callers;
mod find;
mod grow;
mod imported;
mod shared;
mod wide;

use host_runtime::{
    GuestSize, HostData, Imports, imports,
    values::Indirect,
    wasm_import,
    wasmtime::{self, Engine, Linker, Store},
};

use crate::support;

#[wasm_import(module = "ffi")]
fn first(text: &str) -> u32 {
    text.bytes().next().unwrap_or(0).into()
}

#[wasm_import(module = "ffi", memory = "heap")]
fn first_of_heap(text: &str) -> u32 {
    first(text)
}

#[wasm_import(module = "ffi")]
fn length(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap()
}

/// Returns the number of `numbers`, and the number of bytes that are 255. The other bytes are 0.
#[wasm_import(module = "ffi")]
fn copied(bytes: Vec<u8>, numbers: Indirect<Vec<u32>>) -> (GuestSize, GuestSize) {
    assert!(
        bytes.iter().all(|&byte| byte == 0 || byte == 255),
        "{bytes:?}"
    );
    let ones: u64 = bytes.iter().map(|&byte| u64::from(byte == 255)).sum();
    (numbers.0.len().into(), ones.into())
}

/// A guest with these memories that passes the byte at address 0 to both host functions.
fn guest(memories: &str) -> String {
    format!(
        r#"(module
            (import "ffi" "first" (func $first (param i32 i32) (result i32)))
            (import "ffi" "first_of_heap" (func $first_of_heap (param i32 i32) (result i32)))
            {memories}
            (func (export "first") (result i32)
                (call $first (i32.const 0) (i32.const 1)))
            (func (export "first_of_heap") (result i32)
                (call $first_of_heap (i32.const 0) (i32.const 1))))"#
    )
}

/// A memory with `letter` at address 0.
fn memory(export: &str, letter: char) -> String {
    format!(r#"(memory (export "{export}") (data "{letter}"))"#)
}

fn host_functions() -> Imports {
    imports![first, first_of_heap]
}

/// An embedder's linker with `imports`, and a store for it.
fn embedder(imports: &Imports) -> (Engine, Linker<HostData>, Store<HostData>) {
    let engine = Engine::default();
    let (linker, store) = embedder_of(&engine, imports);
    (engine, linker, store)
}

fn embedder_of(engine: &Engine, imports: &Imports) -> (Linker<HostData>, Store<HostData>) {
    let linker = support::linker(engine, imports);
    (linker, Store::new(engine, HostData::new()))
}

fn letter(code: i32) -> char {
    char::from_u32(code.cast_unsigned()).unwrap()
}

fn engine_with_shared_memory() -> Engine {
    let mut config = wasmtime::Config::new();
    config.wasm_threads(true).shared_memory(true);
    Engine::new(&config).unwrap()
}

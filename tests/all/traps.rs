//! Errors in host functions, and traps in guest functions that host functions call.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use host_runtime::{
    HostCallError, HostData, Runtime, imports, wasm_import,
    wasmtime::{Caller, Extern, Trap, WasmBacktrace},
};

use crate::support;

/// An error type of the embedder.
#[derive(Debug, PartialEq)]
struct NoSuchKey(String);

impl fmt::Display for NoSuchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no such key: {}", self.0)
    }
}

impl std::error::Error for NoSuchKey {}

const GET: u32 = line!() + 2;
#[wasm_import(module = "kv")]
fn get(key: &str) -> Result<u32, NoSuchKey> {
    Err(NoSuchKey(key.to_owned()))
}

#[wasm_import(module = "kv")]
fn get_anyhow(key: &str) -> anyhow::Result<u32> {
    Err(NoSuchKey(key.to_owned()).into())
}

/// Calls the guest's export `callback` and returns its result.
#[wasm_import(module = "host")]
fn call_back(mut caller: Caller<'_, HostData>) -> host_runtime::wasmtime::Result<i32> {
    let Some(Extern::Func(callback)) = caller.get_export("callback") else {
        host_runtime::wasmtime::bail!("no callback");
    };
    callback.typed::<(), i32>(&caller)?.call(&mut caller, ())
}

const GUEST: &str = r#"(module $shop
    (import "kv" "get" (func $get (param i32 i32) (result i32)))
    (import "kv" "get_anyhow" (func $get_anyhow (param i32 i32) (result i32)))
    (import "host" "call_back" (func $call_back (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "apples")
    (global $bad (mut i32) (i32.const 0))
    (func $price (export "price") (result i32) (call $get (i32.const 0) (i32.const 6)))
    (func (export "price_anyhow") (result i32) (call $get_anyhow (i32.const 0) (i32.const 6)))
    (func $callback (export "callback") (result i32)
        (if (global.get $bad) (then (unreachable)))
        (i32.const 5))
    (func (export "around") (param $bad i32) (result i32)
        (global.set $bad (local.get $bad))
        (call $call_back)))"#;

fn guest() -> host_runtime::Instance {
    let imports = imports![get, get_anyhow, call_back];
    support::guest(imports, GUEST)
}

#[test]
fn an_error_names_the_import_and_its_place_and_has_a_backtrace() {
    let error = guest().call::<(), i32>("price", ()).unwrap_err();
    let text = format!("{error:?}");
    assert!(
        text.contains(&format!(
            "the host function `kv.get` failed (tests/all/traps.rs:{GET})"
        )),
        "{text}"
    );
    assert!(text.contains("no such key: apples"), "{text}");
    assert!(text.contains("shop!price"), "{text}");
}

#[test]
fn the_error_of_a_host_function_can_be_downcast() {
    for export in ["price", "price_anyhow"] {
        let error = guest().call::<(), i32>(export, ()).unwrap_err();
        let own = error.downcast_ref::<NoSuchKey>();
        assert_eq!(own, Some(&NoSuchKey("apples".to_owned())), "{export}");
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.function().module(), "kv");
        assert_eq!(place.parameter(), None);
        let backtrace: &WasmBacktrace = error.downcast_ref().unwrap();
        assert_eq!(backtrace.frames().len(), 1);
    }
}

#[test]
fn a_trap_in_a_callback_names_the_callback_and_the_host_function() {
    let mut guest = guest();
    assert_eq!(guest.call::<i32, i32>("around", 0).unwrap(), 5);
    let error = guest.call::<i32, i32>("around", 1).unwrap_err();
    assert_eq!(
        error.downcast_ref::<Trap>(),
        Some(&Trap::UnreachableCodeReached)
    );
    let place: &HostCallError = error.downcast_ref().unwrap();
    assert_eq!(place.function().name(), "call_back");
    assert!(format!("{error:?}").contains("shop!callback"), "{error:?}");
    // The guest can be called again.
    assert_eq!(guest.call::<i32, i32>("around", 0).unwrap(), 5);
}

#[test]
fn a_panic_releases_the_borrows_of_states_and_memory() {
    #[derive(Clone)]
    struct Fuse(u32);

    #[wasm_import(module = "ffi")]
    fn burn(#[state] fuse: &mut Fuse, text: &mut [u8]) -> u32 {
        fuse.0 -= 1;
        text.fill(b'!');
        assert!(fuse.0 > 0, "the fuse is burnt");
        fuse.0
    }

    let imports = imports![burn];
    let guest = host_tests::guest(imports.get("ffi", "burn").unwrap(), b"");
    let runtime = Runtime::builder()
        .imports(imports)
        .state(Fuse(2))
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(guest).unwrap();
    let mut burn = || guest.call::<(i32, i32), i32>("run", (0, 4));
    assert_eq!(burn().unwrap(), 1);
    let panic = catch_unwind(AssertUnwindSafe(&mut burn)).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the fuse is burnt"));
    guest.state_mut::<Fuse>().unwrap().0 = 9;
    assert_eq!(guest.call::<(i32, i32), i32>("run", (0, 4)).unwrap(), 8);
    assert_eq!(guest.memory().unwrap()[..5], *b"!!!!\0");
}

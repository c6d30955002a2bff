//! Host functions that panic or call themselves: the limits of recursion, and calls after a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use host_runtime::{
    Callback, Guest, Runtime, RuntimeBuilder,
    errors::GuestCallError,
    imports, wasm_import,
    wasmtime::{Config, Trap},
};

/// Calls the callback, or panics if the text begins with `!`.
#[wasm_import(module = "ffi")]
fn call_or_panic(mut guest: Guest<'_>, text: String, back: Callback<(), ()>) -> anyhow::Result<()> {
    assert_ne!(
        text.as_bytes().first(),
        Some(&b'!'),
        "the host function panics"
    );
    guest.call(&back, ())
}

/// The export `panic` calls the host function, which calls `$panic`. That calls the host function
/// again, which panics.
const PANICS: &str = r#"(module
    (import "ffi" "call_or_panic" (func $call (param i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 1000) "!")
    (table (export "table") funcref (elem $panic $nothing))
    (func $panic (call $call (i32.const 1000) (i32.const 10) (i32.const 0)))
    (func $nothing)
    (func (export "panic") (call $call (i32.const 0) (i32.const 600) (i32.const 0)))
    (func (export "calm") (call $call (i32.const 0) (i32.const 1000) (i32.const 1))))"#;

#[test]
fn a_panic_restores_the_copy_budget_and_the_call_depth() {
    let runtime = Runtime::builder()
        .imports(imports![call_or_panic])
        .copy_budget(1000)
        .call_depth(3)
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(PANICS).unwrap();
    for store_borrowed in [false, true] {
        for _ in 0..10 {
            let call = AssertUnwindSafe(|| guest.call::<(), ()>("panic", ()));
            catch_unwind(call).unwrap_err();
            guest.call::<(), ()>("calm", ()).unwrap();
        }
        if !store_borrowed {
            guest.store_mut();
        }
    }
}

/// The number of calls of `twice`.
struct Calls(u32);

/// Calls itself twice. Without a limit, the number of calls would double at every level.
#[wasm_import(module = "ffi")]
fn twice(mut guest: Guest<'_>, x: u32) -> anyhow::Result<u32> {
    guest.state::<Calls>().expect("the runtime provides it").0 += 1;
    let first = guest.call::<u32, u32>("twice", x);
    let second = guest.call::<u32, u32>("twice", x);
    first.and(second)
}

const TWICE: &str = r#"(module
    (import "ffi" "twice" (func $twice (param i32) (result i32)))
    (export "twice" (func $twice))
    (func (export "run") (result i32) (call $twice (i32.const 1))))"#;

fn run_twice(builder: RuntimeBuilder) -> anyhow::Error {
    let builder = builder.imports(imports![twice]).state_with(|| Calls(0));
    let mut guest = builder.build().unwrap().instantiate(TWICE).unwrap();
    let error = guest.call::<(), u32>("run", ()).unwrap_err();
    let calls = guest.state::<Calls>().unwrap().0;
    assert!(calls < 5_000, "{calls}");
    // The next call fails too.
    let again = guest.call::<(), u32>("run", ()).unwrap_err();
    assert!(
        !again.is::<GuestCallError>() || error.is::<GuestCallError>(),
        "{again:#}"
    );
    error
}

#[test]
fn recursion_of_a_host_function_ends_with_a_stack_overflow() {
    let error = run_twice(Runtime::builder());
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
}

#[test]
fn recursion_of_a_host_function_ends_at_the_call_depth() {
    let error = run_twice(Runtime::builder().call_depth(10));
    assert_eq!(
        error.downcast_ref(),
        Some(&GuestCallError::TooDeep { limit: 10 })
    );
    assert!(format!("{error:#}").contains(
        "10 nested calls from the host to guests are running, which is the limit; \
         `RuntimeBuilder::call_depth` or `HostData::set_call_depth` sets it"
    ));
}

#[test]
fn recursion_of_a_host_function_ends_when_the_fuel_runs_out() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let builder = Runtime::builder().config(config);
    let error = run_twice(builder.configure_store(|store| store.set_fuel(100)));
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{error:?}");
}

#[test]
fn recursion_of_a_host_function_ends_at_the_epoch_deadline() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let builder = Runtime::builder().config(config);
    let error = run_twice(builder.configure_store(|store| {
        store.set_epoch_deadline(1);
        store.engine().increment_epoch();
        Ok(())
    }));
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
}

#[test]
fn a_host_function_can_handle_the_error_of_the_call_depth() {
    #[wasm_import(module = "ffi")]
    fn deeper(mut guest: Guest<'_>, depth: u32) -> anyhow::Result<u32> {
        match guest.call("deeper", depth + 1) {
            Err(error) if error.is::<GuestCallError>() => Ok(depth),
            result => result,
        }
    }
    for store_borrowed in [false, true] {
        let runtime = Runtime::builder().imports(imports![deeper]).call_depth(20);
        let mut guest = runtime
            .build()
            .unwrap()
            .instantiate(
                r#"(module
                    (import "ffi" "deeper" (func $deeper (param i32) (result i32)))
                    (func (export "deeper") (param i32) (result i32) (call $deeper (local.get 0))))"#,
            )
            .unwrap();
        if store_borrowed {
            guest.store_mut();
        }
        assert_eq!(guest.call::<u32, u32>("deeper", 0).unwrap(), 20);
    }
}

//! A store whose limiter allows no further instance.

use host_runtime::{
    CallbackRef, Guest, Runtime, imports, wasm_import,
    wasmtime::{self, StoreLimits, StoreLimitsBuilder},
};

struct Limits(StoreLimits);

struct Calls(u64);
struct Back(Option<CallbackRef<u32, u32>>);

#[wasm_import(module = "ffi")]
fn register(#[state] back: &mut Back, callback: CallbackRef<u32, u32>) {
    back.0 = Some(callback);
}

/// Calls itself through the guest, with a large stack frame.
#[wasm_import(module = "ffi")]
fn again(mut guest: Guest<'_>, x: u32) -> anyhow::Result<u32> {
    let frame = std::hint::black_box([0_u8; 16384]);
    guest.state::<Calls>().unwrap().0 += 1;
    let back = guest.state::<Back>().unwrap().0.unwrap();
    guest.call(&back, x + u32::from(frame[0]))
}

/// The limiter leaves no room for a trampoline, so the runtime calls the host function directly.
/// The runtime must check the stack itself, or the recursion would overflow the native stack.
#[test]
fn recursion_of_a_host_function_ends_with_a_trap_in_a_store_without_room() {
    let runtime = Runtime::builder()
        .imports(imports![again, register])
        .state_with(|| Calls(0))
        .state_with(|| Back(None))
        .state_with(|| Limits(StoreLimitsBuilder::new().instances(1).build()))
        .configure_store(|store| {
            store.limiter(|host| &mut host.state_mut::<Limits>().unwrap().0);
            Ok(())
        })
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "register" (func $register (param funcref)))
                (elem declare func $again)
                (import "ffi" "again" (func $again (param i32) (result i32)))
                (export "again" (func $again))
                (func (export "run") (result i32)
                    (call $register (ref.func $again))
                    (call $again (i32.const 1))))"#,
        )
        .unwrap();
    let error = guest.call::<(), u32>("run", ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::StackOverflow));
    let calls = guest.state::<Calls>().unwrap().0;
    assert!((2..100).contains(&calls), "{calls}");
}

//! Pointers and slices of a guest's memory that a host function reads later.

use std::{
    future::{pending, poll_fn},
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use host_runtime::{Guest, GuestPointer, GuestSlice, Runtime, ValueError, imports, wasm_import};

#[wasm_import(module = "budget")]
fn twice(mut guest: Guest<'_>, first: String, rest: GuestSlice<u8>) -> Result<u32, ValueError> {
    let again = rest.to_vec(&mut guest)?.len() + rest.to_vec(&mut guest)?.len();
    Ok(u32::try_from(first.len() + again).unwrap_or(u32::MAX))
}

#[test]
fn all_copies_of_a_call_count_against_one_budget() {
    let function = imports![twice].get("budget", "twice").unwrap();
    let runtime = Runtime::builder().imports(imports![twice]).copy_budget(100);
    let guest = host_tests::guest(function, b"");
    let mut guest = runtime.build().unwrap().instantiate(guest).unwrap();
    let mut run = |a, b| guest.call::<(i32, i32, i32, i32), u32>("run", (0, a, 0, b));
    assert_eq!(run(20, 40).unwrap(), 100);
    let error = run(21, 40).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "copying 40 bytes exceeds the copy budget of the call, which has 39 bytes left; \
         `RuntimeBuilder::copy_budget` or `HostData::set_copy_budget` sets it"
    );
}

/// The places in the guest's memory that a job uses: the sum, and the numbers that it adds up.
type Places = (GuestPointer<u32>, GuestSlice<u32>);

struct Job(Pin<Box<dyn Future<Output = Places> + Send>>);

#[wasm_import(module = "job")]
fn start(#[state] job: &mut Job, sum: GuestPointer<u32>, list: GuestSlice<u32>) {
    job.0 = Box::pin(async move {
        let mut waited = false;
        poll_fn(|_| {
            if mem::replace(&mut waited, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        (sum, list)
    });
}

#[wasm_import(module = "job")]
fn poll(mut guest: Guest<'_>) -> Result<bool, ValueError> {
    let job = guest.state::<Job>().expect("the runtime provides it");
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready((sum, list)) = job.0.as_mut().poll(&mut context) else {
        return Ok(false);
    };
    let total = list.to_vec(&mut guest)?.iter().sum();
    sum.write(&mut guest, total)?;
    Ok(true)
}

/// The list lies past the end of the memory when the job gets it; the memory grows later.
#[test]
fn pointers_and_slices_can_be_held_across_an_await() {
    let runtime = Runtime::builder()
        .imports(imports![start, poll])
        .state_with(|| Job(Box::pin(pending())))
        .build()
        .unwrap();
    let guest = r#"(module
        (import "job" "start" (func $start (param i32 i32 i32)))
        (import "job" "poll" (func $poll (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32)
            (call $start (i32.const 8) (i32.const 65536) (i32.const 2))
            (if (call $poll) (then unreachable))
            (drop (memory.grow (i32.const 1)))
            (i32.store (i32.const 65536) (i32.const 40))
            (i32.store (i32.const 65540) (i32.const 2))
            (if (i32.eqz (call $poll)) (then unreachable))
            (i32.load (i32.const 8))))"#;
    let mut instance = runtime.instantiate(guest).unwrap();
    assert_eq!(instance.call::<(), i32>("run", ()).unwrap(), 42);
}

//! Runs a guest for a program in C, with what was collected at link time.
//!
//! `scripts/link-modes` makes a static library of it.

use host_runtime::{Runtime, wasm_import};

#[wasm_import(module = "from-c")]
fn answer() -> i32 {
    42
}

/// Prints what a guest gets from `answer`, or why there is no such guest.
#[unsafe(no_mangle)]
pub extern "C" fn run_guest() {
    let guest = r#"(module
        (import "from-c" "answer" (func $answer (result i32)))
        (func (export "run") (result i32) (call $answer)))"#;
    let runtime = Runtime::builder().build();
    let result = runtime
        .and_then(|runtime| runtime.instantiate(guest))
        .and_then(|mut guest| guest.call::<(), i32>("run", ()));
    match result {
        Ok(answer) => println!("{answer}"),
        Err(error) => println!("{error:#}"),
    }
}

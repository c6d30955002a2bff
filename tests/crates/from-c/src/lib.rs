//! Runs a guest for a program in C. The host functions are collected at link time.
//!
//! `scripts/link-modes` builds this crate as a static library.

use host_runtime::{Runtime, wasm_import};

#[wasm_import(module = "from-c")]
fn answer() -> i32 {
    42
}

/// Prints the result that a guest gets from `answer`, or the error.
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

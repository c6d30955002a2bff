//! Random guests against a host of every type; see `src/lib.rs`.

#![no_main]

use std::{backtrace::Backtrace, panic, sync::Once};

static HOOK: Once = Once::new();

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    HOOK.call_once(|| {
        // That of libFuzzer aborts at every panic; but one of Wasmtime's is caught by the host, when a
        // function is called with no guest there. One that leaves this closure aborts as well.
        panic::set_hook(Box::new(|panic| {
            if panic
                .location()
                .is_none_or(|at| !at.file().ends_with("runtime/instance.rs"))
            {
                eprintln!("{panic}\n{}", Backtrace::force_capture());
            }
        }));
    });
    // An input that ends early has been run as far as it goes.
    let _ = host_fuzz::drive(data);
});

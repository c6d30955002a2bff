//! Several guests in one store and in two; see `src/stores.rs`.

#![no_main]

use std::{backtrace::Backtrace, panic, sync::Once};

use host_fuzz::stores::{self, Panic};

static HOOK: Once = Once::new();

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    HOOK.call_once(|| {
        // That of libFuzzer aborts at every panic; but those of host functions are caught here.
        panic::set_hook(Box::new(|panic| {
            if !panic.payload().is::<Panic>() {
                eprintln!("{panic}\n{}", Backtrace::force_capture());
            }
        }));
    });
    // An input that ends early has been run as far as it goes.
    let _ = stores::drive(data);
});

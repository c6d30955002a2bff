//! Runs several guests in two stores; see `src/stores.rs`.

#![no_main]

use host_fuzz::stores::{self, Panic};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The target catches the panics of host functions.
    host_fuzz::print_panics(|panic| panic.payload().is::<Panic>());
    // The error only says that the input ended early.
    let _ = stores::drive(data);
});

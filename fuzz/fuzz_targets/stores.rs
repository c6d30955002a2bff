//! Several guests in one store and in two; see `src/stores.rs`.

#![no_main]

use host_fuzz::stores::{self, Panic};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The panics of host functions are caught.
    host_fuzz::print_panics(|panic| panic.payload().is::<Panic>());
    // An input that ends early has been run as far as it goes.
    let _ = stores::drive(data);
});

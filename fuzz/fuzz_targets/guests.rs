//! Random guests against a host of every type; see `src/lib.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // An input that ends early has been run as far as it goes.
    let _ = host_fuzz::drive(data);
});

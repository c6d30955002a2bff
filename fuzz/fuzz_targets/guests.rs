//! Random guests against a host of every type; see `src/lib.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Wasmtime panics when a function is called with no guest there, which the host catches.
    host_fuzz::print_panics(|panic| {
        let place = panic.location();
        place.is_some_and(|place| place.file().ends_with("runtime/instance.rs"))
    });
    // An input that ends early has been run as far as it goes.
    let _ = host_fuzz::drive(data);
});

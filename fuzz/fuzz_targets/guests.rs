//! Calls host functions with every parameter and result type; see `src/lib.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Wasmtime panics if the host calls a host function without a guest; `host-runtime` catches it.
    host_fuzz::print_panics(|panic| {
        let place = panic.location();
        place.is_some_and(|place| place.file().ends_with("runtime/instance.rs"))
    });
    // The error only says that the input ended early.
    let _ = host_fuzz::drive(data);
});

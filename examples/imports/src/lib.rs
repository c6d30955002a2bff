//! Host functions for calendar dates, which any program can offer to its guests.
//!
//! A crate of host functions is an ordinary library. It depends on `host-runtime` and annotates
//! functions. A program that uses it contains `host_runtime::link!(calendar_imports);`, or lists
//! functions with `host_runtime::imports![calendar_imports::days_in]`.

use host_runtime::wasm_import;

/// Whether a year of the Gregorian calendar has a 29th of February.
#[wasm_import(module = "calendar")]
#[must_use]
pub fn is_leap_year(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// The number of days in a month. January is 1. Returns 0 if there is no such month.
#[wasm_import(module = "calendar")]
#[must_use]
pub fn days_in(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap_year(year)),
        _ => 0,
    }
}

//! Mistakes of a guest in a call.

use host_runtime::{Handles, imports};

use super::{Mistake, ffi, pass, unchanged};

/// Mistakes of a guest in a call. The remedy is a change of the host function, of a setting or of
/// the guest.
pub(super) const CALLS: [Mistake; 16] = [
    (
        || pass(unchanged, imports![ffi::print], &[65530, 10]),
        "pointer 0xfffa and length 10 reach past the end",
        "`ffi.print` with a bad `text: &str` (tests/all/diagnostics/mod.rs:",
        "the memory, 65536 bytes",
    ),
    (
        || pass(unchanged, imports![ffi::print], &[0, 7]),
        "the 7 bytes at 0x0 are not UTF-8",
        "`ffi.print` with a bad `text: &str` (tests/all/diagnostics/mod.rs:",
        "take bytes if they may be something else",
    ),
    (
        || pass(unchanged, imports![ffi::sum], &[2, 1]),
        "pointer 0x2 is not aligned to 4 bytes",
        "`ffi.sum` with a bad `numbers: &[u32]` (tests/all/diagnostics/mod.rs:",
        "if guests do not align their data, take bytes",
    ),
    (
        || pass(unchanged, imports![ffi::fill], &[0, 4, 2, 4]),
        "bytes 0x2 to 0x6 overlap bytes 0x0 to 0x4",
        "with a bad `b: &[u8]`, which overlaps `a: &mut [u8]` (tests/all/diagnostics/mod.rs:",
        "take one as a `Vec`, which is a copy",
    ),
    (
        || pass(|builder| builder.text_limit(3), imports![ffi::log], &[0]),
        "there is no NUL in the 3 bytes from pointer 0x0",
        "`ffi.log` with a bad `text: &CStr` (tests/all/diagnostics/mod.rs:",
        "`RuntimeBuilder::text_limit`",
    ),
    (
        || {
            pass(
                |builder| builder.copy_budget(3),
                imports![ffi::keep],
                &[0, 4],
            )
        },
        "copying 4 bytes exceeds the copy budget of the call",
        "`ffi.keep` with a bad `text: String` (tests/all/diagnostics/mod.rs:",
        "`RuntimeBuilder::copy_budget`",
    ),
    (
        || {
            pass(
                |builder| builder.list_limit(3),
                imports![ffi::list],
                &[0, 4],
            )
        },
        "a list of 4 slices is longer than the limit, 3",
        "`ffi.list` with a bad `parts: SliceList<&[u8]>` (tests/all/diagnostics/mod.rs:",
        "`RuntimeBuilder::list_limit`",
    ),
    (
        || pass(unchanged, imports![ffi::flag], &[2]),
        "2 is not a valid `bool`",
        "`ffi.flag` with a bad `on: bool` (tests/all/diagnostics/mod.rs:",
        "expected 0 or 1",
    ),
    (
        || pass(unchanged, imports![ffi::level], &[3]),
        "3 is not a valid `Level`",
        "`ffi.level` with a bad `level: Level` (tests/all/diagnostics/mod.rs:",
        "expected the number of Low or High",
    ),
    (
        || {
            pass(
                |builder| builder.state_with(Handles::new),
                imports![ffi::file],
                &[5],
            )
        },
        "0x5 is not a handle",
        "the host function `ffi.file` failed (tests/all/diagnostics/mod.rs:",
        "that this host has issued",
    ),
    (
        || pass(unchanged, imports![ffi::back], &[0]),
        "the callback is (func (param f64))",
        "the host function `ffi.back` failed (tests/all/diagnostics/mod.rs:",
        "but it is called as (func (param i32) (result i32))",
    ),
    (
        || pass(unchanged, imports![ffi::back], &[7]),
        "there is no function 7",
        "the host function `ffi.back` failed (tests/all/diagnostics/mod.rs:",
        "in the guest's table, which has 1",
    ),
    (
        || pass(unchanged, imports![ffi::helper], &[]),
        "the guest exports no function `helper`",
        "the host function `ffi.helper` failed (tests/all/diagnostics/mod.rs:",
        "it exports `run`",
    ),
    (
        || pass(|builder| builder.call_depth(2), imports![ffi::again], &[]),
        "2 nested calls from the host to guests are running",
        "the host function `ffi.again` failed (tests/all/diagnostics/mod.rs:",
        "`RuntimeBuilder::call_depth`",
    ),
    (
        || pass(unchanged, imports![ffi::name], &[]),
        "the guest exports no function `malloc`",
        "the host function `ffi.name` failed (tests/all/diagnostics/mod.rs:",
        "export it, or name another allocator, in `Allocated<_, …>` for example",
    ),
    (
        || pass(unchanged, imports![ffi::save], &[]),
        "the disk is full",
        "the host function `ffi.save` failed (tests/all/diagnostics/mod.rs:",
        "wasm backtrace",
    ),
];

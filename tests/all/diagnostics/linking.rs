//! Imports of a module that the host does not provide, or provides with another type.

use std::sync::Arc;

use host_runtime::{Imports, imports, wasm_import, wasmtime::MemoryType};

use super::{App, Mistake, builder, ffi, load};

#[wasm_import(module = "js", name = "log_*")]
fn log_text() {}

#[wasm_import(module = "js", name = "*text")]
fn any_text() {}

/// The message of the error when a module that imports `ffi.NAME` with this type is loaded.
fn import(imports: Imports, name: &str, ty: &str) -> String {
    let module =
        format!(r#"(module (import "ffi" "{name}" (func {ty})) (memory (export "memory") 1))"#);
    load(builder(imports), module)
}

/// Imports that are missing or have another type, unused provided imports, and missing states.
pub(super) const LINKING: [Mistake; 17] = [
    (
        || import(imports![ffi::flag], "clear", ""),
        "is missing, (func)",
        "`ffi.clear`",
        r#"write a function with `#[wasm_import(module = "ffi", name = "clear")]`"#,
    ),
    (
        || import(imports![ffi::print], "prnit", "(param i32 i32)"),
        "`ffi.prnit` is missing",
        "there is `ffi.print`: fn print(text: &str) (tests/all/diagnostics/mod.rs:",
        r#"if that is meant, add `name = "prnit"` to its attribute"#,
    ),
    (
        || {
            load(
                builder(imports![ffi::print]),
                r#"(module (import "env" "print" (func)))"#,
            )
        },
        "`env.print` is missing",
        "there is a `print` in `ffi`: fn print(text: &str) (tests/all/diagnostics/mod.rs:",
        r#"if that is meant, add `module = "env"` to its attribute"#,
    ),
    (
        || {
            import(
                imports![ffi::get_element_by_id],
                "getElementById",
                "(param i32) (result i32)",
            )
        },
        "because the names differ only in style",
        "fn get_element_by_id(id: u32) -> u32 (tests/all/diagnostics/mod.rs:",
        r#"add `name = "getElementById"` to its attribute, or add `rename_all` to the attribute of the group"#,
    ),
    (
        || import(imports![ffi::flag], "sum", "(param i32 i32) (result i32)"),
        "the program has it, but it is not in this set of imports",
        "fn sum(numbers: &[u32]) -> u32 (tests/all/diagnostics/mod.rs:",
        "add it to `imports![…]`, or leave `imports` out",
    ),
    (
        || {
            load(
                builder(imports![ffi::flag]),
                r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#,
            )
        },
        "it is a function of WASI",
        "`wasi_snapshot_preview1.fd_write`",
        "beside those of the crate `wasmtime-wasi`",
    ),
    (
        || {
            load(
                builder(imports![log_text, any_text]),
                r#"(module (import "js" "log_text" (func)))"#,
            )
        },
        "`js.log_text` is offered twice, by patterns that are equally specific",
        "`log_*`: fn log_text() (tests/all/diagnostics/linking.rs:",
        "write more of the name for the function that is meant",
    ),
    (
        || import(imports![ffi::flag], "flag", "(param i64) (result i32)"),
        "`on: bool` is i32 here and i64 in the guest",
        "fn flag(on: bool) -> bool (tests/all/diagnostics/mod.rs:",
        "write `i64` or `u64`",
    ),
    (
        || import(imports![ffi::print], "print", "(param i32)"),
        "`text: &str` is i32 i32 here and i32 in the guest: a pointer and a length",
        "fn print(text: &str) (tests/all/diagnostics/mod.rs:",
        "for NUL-terminated text write `&CStr`",
    ),
    (
        || {
            load(
                builder(imports![ffi::print]),
                r#"(module (import "ffi" "print" (func (param i32 i32)))
                    (memory (export "memory") i64 1))"#,
            )
        },
        "its memory has 64-bit addresses",
        "fn print(text: &str) (tests/all/diagnostics/mod.rs:",
        "pointers and lengths are i64 here",
    ),
    (
        || {
            load(
                builder(imports![ffi::print]),
                r#"(module (import "env" "memory" (memory 2)))"#,
            )
        },
        "is missing, (memory 2)",
        "`env.memory`",
        r#"`Runtime::builder().provide("env", "memory", MemoryType::new(2, None))`"#,
    ),
    (
        || {
            load(
                builder(Imports::none()),
                r#"(module (import "env" "base" (global (mut i32))))"#,
            )
        },
        "is missing, (global (mut i32))",
        "`env.base`",
        r#"write a `static` with `#[wasm_import(module = "env", name = "base")]`"#,
    ),
    (
        || {
            load(
                builder(Imports::none()).provide("env", "memory", MemoryType::new(1, None)),
                r#"(module (import "env" "memory" (memory 2)))"#,
            )
        },
        "has another type than the guest imports",
        "`env.memory`, provided with `Runtime::builder().provide(…)`",
        "provide `MemoryType::new(2, None)`",
    ),
    (
        || {
            load(
                builder(Imports::none()).provide("env", "memroy", MemoryType::new(1, None)),
                r#"(module (import "env" "memory" (memory 1)))"#,
            )
        },
        "provided and not imported: `env.memroy`",
        "`env.memory` is missing",
        "provide one with `Runtime::builder().provide(",
    ),
    (
        || import(imports![ffi::count], "count", "(result i32)"),
        "state `all::diagnostics::App` is missing",
        "fn count(app: &mut App) -> u32 (tests/all/diagnostics/mod.rs:",
        "provide one with `Runtime::builder().state(…)`",
    ),
    (
        || {
            load(
                builder(imports![ffi::count]).state(Arc::new(App(0))),
                r#"(module (import "ffi" "count" (func (result i32))))"#,
            )
        },
        "state `all::diagnostics::App` is missing",
        "fn count(app: &mut App) -> u32 (tests/all/diagnostics/mod.rs:",
        "there is `Arc<all::diagnostics::App>`: borrow that instead",
    ),
    (
        || import(imports![ffi::file], "file", "(param i32) (result i32)"),
        "state `Handles` is missing",
        "`ffi.file`, fn file(files: &Handles, ",
        "provide them with `Runtime::builder().state_with(Handles::new)`",
    ),
];

//! Names and types that a guest chooses are escaped and shortened in messages.

use host_runtime::{
    Callback, Guest, Imports, Runtime, errors::InvalidModuleError, imports, wasm_import,
};

#[wasm_import(module = "ffi")]
fn call_back(mut guest: Guest<'_>, back: Callback<(), i32>) -> anyhow::Result<i32> {
    guest.call(&back, ())
}

#[wasm_import(module = "ffi")]
fn grow_named(mut guest: Guest<'_>, name: String) -> anyhow::Result<u64> {
    guest.grow_table(&name, 1)
}

#[wasm_import(module = "ffi")]
fn call_named(mut guest: Guest<'_>, name: String) -> anyhow::Result<u64> {
    guest.call(name.as_str(), ())
}

/// Text that sets the colour of a terminal and looks like a line of a link report.
const FORGED: &str = r"\1b[31mred\0a  `env.fake` is missing";

/// Checks an error in all forms in which it can be printed. The debug form may be longer than the
/// limit, because it may contain a backtrace of the host.
#[track_caller]
fn check(error: &anyhow::Error) {
    let (short, long, debug) = (
        error.to_string(),
        format!("{error:#}"),
        format!("{error:?}"),
    );
    for text in [&short, &long, &debug] {
        assert!(!text.contains('\x1b'), "{text:?}");
        assert!(!text.contains("\n  `env.fake`"), "{text:?}");
    }
    assert!(short.len().max(long.len()) < 5_000, "{long}");
}

#[test]
fn a_name_that_a_guest_passes_is_escaped_and_shortened() {
    let runtime = Runtime::builder()
        .imports(imports![grow_named, call_named])
        .build()
        .unwrap();
    for (name, length) in [(FORGED, 34), (&"x".repeat(100_000), 100_000)] {
        for function in ["grow_named", "call_named"] {
            let module = format!(
                r#"(module
                    (import "ffi" "{function}" (func $f (param i32 i32) (result i64)))
                    (memory (export "memory") 4)
                    (data (i32.const 0) "{name}")
                    (func (export "run") (result i64)
                        (call $f (i32.const 0) (i32.const {length}))))"#
            );
            let mut guest = runtime.instantiate(&module).unwrap();
            check(&guest.call::<(), u64>("run", ()).unwrap_err());
        }
    }
}

#[test]
fn an_error_of_wasmtime_for_a_module_is_escaped_and_shortened() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    for name in [FORGED, &"x".repeat(100_000)] {
        let twice = format!(r#"(module (func (export "{name}")) (func (export "{name}")))"#);
        let error = runtime.load(wat::parse_str(twice).unwrap()).unwrap_err();
        check(&error);
        assert!(error.is::<InvalidModuleError>());
        assert!(format!("{error:#}").contains("duplicate export name"));
    }
    let long = "x".repeat(1_000_000);
    for text in [
        format!("(module (funk \"{long}\\1b\"))"),
        format!("(module (func (call $missing{long})))"),
        "(module (; \x1b[31m ;) (funk))".to_owned(),
    ] {
        check(&runtime.load(text).unwrap_err());
    }
    // A short error without control characters is not replaced.
    let error = runtime.load("(module (funk))").unwrap_err();
    assert!(!error.is::<InvalidModuleError>(), "{error:#}");
}

#[test]
fn a_backtrace_shows_unknown_for_a_name_that_cannot_be_printed() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    for (name, shown) in [
        ("name", "name"),
        (FORGED, "<unknown>"),
        (&"x".repeat(100_000), "<unknown>"),
    ] {
        let module = format!(
            r#"(module $m (@name "{name}")
                (func $f (@name "{name}") unreachable)
                (func (export "run") (call $f)))"#
        );
        let mut guest = runtime.instantiate(&module).unwrap();
        let error = guest.call::<(), ()>("run", ()).unwrap_err();
        check(&error);
        assert!(format!("{error:#}").contains(shown), "{error:#}");
    }
}

#[test]
fn long_types_are_shortened() {
    let params = "(ref null $t) ".repeat(990);
    let runtime = Runtime::builder()
        .imports(imports![call_back, call_named])
        .build()
        .unwrap();
    let module = format!(
        r#"(module (type $t (struct (field i32)))
            (import "ffi" "call_back" (func $call (param i32) (result i32)))
            (import "ffi" "call_named" (func $named (param i32 i32) (result i64)))
            (memory (export "memory") 1)
            (data (i32.const 0) "f")
            (table (export "table") funcref (elem $f))
            (func $f (export "f") (param {params}))
            (func (export "by_name") (result i64) (call $named (i32.const 0) (i32.const 1)))
            (func (export "by_index") (result i32) (call $call (i32.const 0))))"#
    );
    let mut guest = runtime.instantiate(&module).unwrap();
    check(&guest.call::<(), ()>("f", ()).unwrap_err());
    check(&guest.call::<(), u64>("by_name", ()).unwrap_err());
    check(&guest.call::<(), i32>("by_index", ()).unwrap_err());
}

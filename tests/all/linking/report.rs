//! The contents of a link report.

use host_runtime::{
    HostData, Runtime,
    errors::LinkError,
    imports, wasm_import,
    wasmtime::{Engine, Linker, Module},
};

use super::{Kv, all, many, print, printf, report};
use crate::support;

#[test]
fn a_report_lists_everything_that_does_not_fit() {
    let text = report(
        all(),
        r#"(module $game
            (import "env" "print" (func (param i32)))
            (import "ffi" "pritnf" (func (param i32 i32 i32 i32) (result i32)))
            (import "gl" "clear" (func (param f32 f32 f32 f32)))
            (import "env" "counter" (global (mut i64)))
            (import "ffi" "print" (func (param i64) (result i32)))
            (import "kv" "get" (func (param i32 i32 i32 i32) (result i64)))
            (import "app" "name_length" (func (result i32))))"#,
    );
    assert_eq!(
        text,
        "\
the module `game` does not fit the host:
  `env.print` is missing, (func (param i32))
      there is a `print` in `ffi`: fn print(_x: i32) (tests/all/linking/mod.rs:LINE)
      if that is meant, add `module = \"env\"` to its attribute
  `ffi.pritnf` is missing, (func (param i32 i32 i32 i32) (result i32))
      there is `ffi.printf`: fn printf(_format: &str, _values: &[f64]) -> u32 (tests/all/linking/mod.rs:LINE)
      if that is meant, add `name = \"pritnf\"` to its attribute
  `gl.clear` is missing, (func (param f32 f32 f32 f32))
      write a function with `#[wasm_import(module = \"gl\", name = \"clear\")]`, or name the \
                                                            crate that has it with `link!`
  `env.counter` is missing, (global (mut i64))
      write a `static` with `#[wasm_import(module = \"env\", name = \"counter\")]`, or provide \
                                                            one with \
                                                            `Runtime::builder().provide(\"env\", \
                                                            \"counter\", …)`
  `ffi.print`, fn print(_x: i32) (tests/all/linking/mod.rs:LINE) has another type than the guest imports
      host:  (func (param i32))
      guest: (func (param i64) (result i32))
      `_x: i32` is i32 here and i64 in the guest: write `i64` or `u64`
      `result` is () here and i32 in the guest
  state `all::linking::Kv` is missing: `kv.get`, fn get(_kv: &Kv, _key: &str, _out: &mut [u8]) -> i64 (tests/all/linking/mod.rs:LINE) needs it; provide one with `Runtime::builder().state(…)`
  `app.name_length`, fn name_length(caller: Caller<'_, App>) -> u32 (tests/all/linking/mod.rs:LINE) takes `Caller<'_, all::linking::App>`, and the store's data is `HostData`
  offered and not used: `ffi.printf`"
    );
}

#[test]
fn types_are_compared_parameter_by_parameter() {
    let text = report(
        imports![printf],
        r#"(module (import "ffi" "printf" (func (param i32 i64 i32 i32 f32) (result i32))))"#,
    );
    assert!(
        text.contains("`_format: &str` is i32 i32 here and i32 i64 in the guest"),
        "{text}"
    );
    assert!(!text.contains("`_values"), "{text}");
    assert!(text.contains("the guest passes f32 more"), "{text}");
    let text = report(
        imports![printf],
        r#"(module (import "ffi" "printf" (func (param i32))))"#,
    );
    assert!(
        text.contains("`_values: &[f64]` is i32 i32 here and () in the guest"),
        "{text}"
    );
}

#[test]
fn the_entries_of_a_report_can_be_read() {
    let engine = Engine::default();
    let module = r#"(module
        (import "ffi" "print" (func (param f32)))
        (import "ffi" "prin" (func (param i32)))
        (import "ffi" "print" (func (param f32))))"#;
    let report = all().report(&Module::new(&engine, module).unwrap());
    assert!(!report.is_ok());
    assert_eq!(report.used().len(), 1);
    assert_eq!(report.mismatches().len(), 1, "the module imports it twice");
    assert_eq!(report.mismatches()[0].rows[0].host, "i32");
    assert_eq!(report.mismatches()[0].rows[0].guest, "f32");
    let [missing] = report.missing() else {
        panic!("{report}")
    };
    assert_eq!(missing.import.name, "prin");
    assert_eq!(missing.near[0].item.name(), "print");
    assert!(!missing.near[0].same_name);
}

#[test]
fn the_report_says_that_the_module_fits() {
    let runtime = Runtime::builder().imports(imports![print]).build().unwrap();
    let module = r#"(module
        (import "ffi" "print" (func (param i32)))
        (import "ffi" "print" (func (param i32))))"#;
    let module = Module::new(runtime.engine(), module).unwrap();
    assert_eq!(
        runtime.report(&module).to_string(),
        "the module fits: 1 host function is used"
    );
    runtime
        .instantiate_pre(&module)
        .unwrap()
        .instantiate()
        .unwrap();
}

#[test]
fn the_error_for_a_duplicate_names_both_functions() {
    mod again {
        #[host_runtime::wasm_import(module = "ffi", name = "print")]
        pub(super) fn print_again(_x: i32, _y: i32) {}
    }
    let twice = imports![print, again::print_again];
    let text = "two host functions are called `ffi.print`: fn print(_x: i32) \
        (tests/all/linking/mod.rs:LINE) and fn print_again(_x: i32, _y: i32) \
        (tests/all/linking/report.rs:LINE); rename one with `name = \"…\"` or leave it out with \
        `Imports::filter`";
    let error = Runtime::builder()
        .imports(twice.clone())
        .build()
        .unwrap_err();
    assert_eq!(support::without_lines(&error.to_string()), text);
    let mut linker = Linker::<HostData>::new(&Engine::default());
    let error = twice.add_to_linker(&mut linker, |host| host).unwrap_err();
    assert!(matches!(error, LinkError::Duplicates(_)));
    // It is not an error to list the same function twice.
    assert!(
        imports![print, print]
            .merge(imports![print])
            .check()
            .is_ok()
    );
}

/// Both the file and the line are those of the macro call.
#[test]
fn the_location_of_a_function_from_a_macro_is_the_macro_call() {
    macro_rules! named {
        ($name:ident) => {
            #[wasm_import]
            fn $name() {}
        };
    }
    macro_rules! unnamed {
        () => {
            #[wasm_import]
            fn nameless() {}
        };
    }
    let line = line!();
    named!(named_here);
    unnamed!();
    for (imports, line) in [
        (imports![named_here], line + 1),
        (imports![nameless], line + 2),
    ] {
        let location = imports.functions().next().unwrap().location();
        assert_eq!((location.file, location.line), (file!(), line));
    }
}

#[test]
fn a_function_that_borrows_one_state_twice_is_an_error() {
    type Store = Kv;

    #[wasm_import(module = "kv")]
    fn copy(#[state] _from: &Kv, #[state] _to: &mut Store) {}

    let text = "`kv.copy`, fn copy(_from: &Kv, _to: &mut Store) (tests/all/linking/report.rs:LINE) \
        borrows the state `all::linking::Kv` twice, under two names of one type; write one \
        `#[state]` parameter";
    let report = report(imports![copy], r#"(module (import "kv" "copy" (func)))"#);
    assert!(report.contains(text), "{report}");
    let mut linker = Linker::<HostData>::new(&Engine::default());
    let error = imports![copy].add_to_linker(&mut linker, |host| host);
    let error = error.unwrap_err();
    assert!(matches!(error, LinkError::DoubledState(_)));
    assert_eq!(support::without_lines(&error.to_string()), text);
}

#[test]
fn the_report_names_only_the_parameter_with_the_wrong_type() {
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    let module = r#"(module (import "env" "register" (func (param i32 i32 f64))))"#;
    let message = runtime.load(module).unwrap_err().to_string();
    assert!(
        message.contains(
            "`_name: &str` is i32 i32 here and i32 in the guest: a pointer and a length; for \
             NUL-terminated text write `&CStr`"
        ),
        "{message}"
    );
    assert!(
        !message.contains("_kind: u32` is") && !message.contains("_value: f64` is"),
        "{message}"
    );
}

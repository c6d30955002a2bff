//! What is said when a module and the host do not fit, and what may be in one linker.

#![expect(
    clippy::needless_pass_by_value,
    reason = "host functions get by value what the guest passes"
)]

use host_runtime::{
    HostData, Imports, LinkError, LinkReport, Runtime, imports, wasm_import,
    wasmtime::{Caller, Engine, Linker, Module, Store},
};

struct Kv;
struct App {
    host: HostData,
    name: &'static str,
}

#[wasm_import(module = "ffi")]
fn print(_x: i32) {}

#[wasm_import(module = "ffi")]
fn printf(_format: &str, _values: &[f64]) -> u32 {
    0
}

#[wasm_import(module = "kv")]
fn get(#[state] _kv: &Kv, _key: &str, _out: &mut [u8]) -> i64 {
    0
}

#[wasm_import(module = "app")]
fn name_length(caller: Caller<'_, App>) -> u32 {
    u32::try_from(caller.data().name.len()).unwrap_or(u32::MAX)
}

fn all() -> Imports {
    imports![print, printf, get, name_length]
}

/// The report on a module, its lines as `file:LINE`.
fn report(imports: Imports, module: &str) -> String {
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    let error = runtime.load(module).unwrap_err();
    let report: &LinkReport = error.downcast_ref().expect("a report");
    without_lines(&report.to_string())
}

/// Lines move whenever this file changes.
fn without_lines(text: &str) -> String {
    let mut pieces = text.split(".rs:");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out += ".rs:LINE";
        out += piece.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

#[test]
fn everything_at_once() {
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
      there is a `print` in `ffi`: fn print(_x: i32) (tests/all/linking.rs:LINE)
      if that is meant, add `module = \"env\"` to its attribute
  `ffi.pritnf` is missing, (func (param i32 i32 i32 i32) (result i32))
      there is `ffi.printf`: fn printf(_format: &str, _values: &[f64]) -> u32 (tests/all/linking.rs:LINE)
      if that is meant, add `name = \"pritnf\"` to its attribute
  `gl.clear` is missing, (func (param f32 f32 f32 f32))
      write a function with `#[wasm_import(module = \"gl\", name = \"clear\")]`, or name the crate that has it by `link!`
  `env.counter` is missing, (global (mut i64))
      write a `static` with `#[wasm_import(module = \"env\", name = \"counter\")]`, or provide one by `Runtime::builder().provide(\"env\", \"counter\", …)`
  `ffi.print`, fn print(_x: i32) (tests/all/linking.rs:LINE) has another type than the guest imports
      host:  (func (param i32))
      guest: (func (param i64) (result i32))
      `_x: i32` is i32 here and i64 in the guest: write `i64` or `u64`
      `result` is () here and i32 in the guest
  state `all::linking::Kv` is missing: `kv.get`, fn get(_kv: &Kv, _key: &str, _out: &mut [u8]) -> i64 (tests/all/linking.rs:LINE) needs it; give one by `Runtime::builder().state(…)`
  `app.name_length`, fn name_length(caller: Caller<'_, App>) -> u32 (tests/all/linking.rs:LINE) takes `Caller<'_, all::linking::App>`, and the store's data is `HostData`
  offered and not used: `ffi.printf`"
    );
}

#[test]
fn parameter_by_parameter() {
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
fn a_report_is_typed() {
    let engine = Engine::default();
    let module = r#"(module
        (import "ffi" "print" (func (param f32)))
        (import "ffi" "prin" (func (param i32)))
        (import "ffi" "print" (func (param f32))))"#;
    let report = all().report(&Module::new(&engine, module).unwrap());
    assert!(!report.is_ok());
    assert_eq!(report.used().len(), 1);
    assert_eq!(report.mismatches().len(), 1, "it is listed twice");
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
fn a_module_that_fits() {
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
fn a_duplicate_names_both_places() {
    mod again {
        #[host_runtime::wasm_import(module = "ffi", name = "print")]
        pub(super) fn print_again(_x: i32, _y: i32) {}
    }
    let twice = imports![print, again::print_again];
    let text = "two host functions are called `ffi.print`: fn print(_x: i32) \
        (tests/all/linking.rs:LINE) and fn print_again(_x: i32, _y: i32) (tests/all/linking.rs:LINE); \
        rename one by `name = \"…\"` or leave it out with `Imports::filter`";
    let error = Runtime::builder()
        .imports(twice.clone())
        .build()
        .unwrap_err();
    assert_eq!(without_lines(&error.to_string()), text);
    let mut linker = Linker::<HostData>::new(&Engine::default());
    let error = twice.add_to_linker(&mut linker, |host| host).unwrap_err();
    assert!(matches!(error, LinkError::Duplicates(_)));
    // The same function twice is no duplicate.
    assert!(
        imports![print, print]
            .merge(imports![print])
            .check()
            .is_ok()
    );
}

#[test]
fn in_a_linker_with_other_things() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![print, get, name_length]
        .add_to_linker(&mut linker, |app: &mut App| &mut app.host)
        .unwrap();
    linker.func_wrap("by", "hand", |x: i32| x + 1).unwrap();
    let module = r#"(module
        (import "ffi" "print" (func $print (param i32)))
        (import "app" "name_length" (func $length (result i32)))
        (import "by" "hand" (func $hand (param i32) (result i32)))
        (func (export "run") (result i32) (call $print (i32.const 1)) (call $hand (call $length))))"#;
    let module = Module::new(&engine, module).unwrap();
    let app = App {
        host: HostData::new(),
        name: "app",
    };
    let mut store = Store::new(&engine, app);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(), i32>(&mut store, "run")
        .unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 4);
}

#[test]
fn a_state_that_an_embedder_forgets() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![get]
        .add_to_linker(&mut linker, |host: &mut HostData| host)
        .unwrap();
    let module = Module::new(
        &engine,
        host_tests::guest(imports![get].get("kv", "get").unwrap(), b""),
    )
    .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(i32, i32, i32, i32), i64>(&mut store, "run")
        .unwrap();
    let error = run.call(&mut store, (0, 0, 0, 0)).unwrap_err();
    assert_eq!(
        error
            .downcast_ref::<host_runtime::MissingStateError>()
            .unwrap()
            .to_string(),
        "no `all::linking::Kv` among the host's states; add one by `HostData::insert(…)`, or give each \
         instance one by `Runtime::builder().state(…)`"
    );
    store.data_mut().insert(Kv);
    assert_eq!(run.call(&mut store, (0, 0, 0, 0)).unwrap(), 0);
}

#[test]
fn the_caller_of_another_store() {
    let mut linker = Linker::<HostData>::new(&Engine::default());
    let error = all().add_to_linker(&mut linker, |host| host).unwrap_err();
    assert_eq!(
        without_lines(&error.to_string()),
        "`app.name_length`, fn name_length(caller: Caller<'_, App>) -> u32 (tests/all/linking.rs:LINE) \
         takes `Caller<'_, all::linking::App>`, and the store's data is `HostData`; leave it out with \
         `Imports::filter`"
    );
}

/// File and line are of one place: where the macro is called that wrote the function.
#[test]
fn a_function_that_a_macro_wrote() {
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
fn one_state_under_two_names() {
    type Store = Kv;

    #[wasm_import(module = "kv")]
    fn copy(#[state] _from: &Kv, #[state] _to: &mut Store) {}

    let text = "`kv.copy`, fn copy(_from: &Kv, _to: &mut Store) (tests/all/linking.rs:LINE) borrows \
        the state `all::linking::Kv` twice, under two names for one type; write one `#[state]` \
        parameter";
    let report = report(imports![copy], r#"(module (import "kv" "copy" (func)))"#);
    assert!(report.contains(text), "{report}");
    let mut linker = Linker::<HostData>::new(&Engine::default());
    let error = imports![copy].add_to_linker(&mut linker, |host| host);
    let error = error.unwrap_err();
    assert!(matches!(error, LinkError::DoubledState(_)));
    assert_eq!(without_lines(&error.to_string()), text);
}

#[test]
fn a_name_that_the_linker_has() {
    let mut linker = Linker::<HostData>::new(&Engine::default());
    linker.func_wrap("ffi", "print", |_: i32| {}).unwrap();
    let error = imports![print]
        .add_to_linker(&mut linker, |host| host)
        .unwrap_err();
    assert!(matches!(error, LinkError::Define { .. }));
    assert!(
        error
            .to_string()
            .contains("cannot be defined in the linker"),
        "{error}"
    );
}

#[test]
fn only_what_a_module_imports() {
    let engine = Engine::default();
    let mut linker = Linker::<HostData>::new(&engine);
    let module = Module::new(
        &engine,
        r#"(module (import "ffi" "print" (func (param i32))))"#,
    )
    .unwrap();
    all()
        .add_to_linker_for(&module, &mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    assert_eq!(linker.iter(&mut store).count(), 1);
    let wrong = Module::new(&engine, r#"(module (import "ffi" "print" (func)))"#).unwrap();
    let error = all()
        .add_to_linker_for(&wrong, &mut linker, |host| host)
        .unwrap_err();
    assert!(matches!(error, LinkError::Report(_)));
}

/// A guest's names cannot forge a line, reach the terminal or fill it.
#[test]
fn names_of_a_guest_are_escaped_and_cut() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let said = |module: &str| runtime.load(module).unwrap_err().to_string();
    let forged = said(r#"(module (import "env" "ok\0a  `env.fake` is missing" (func)))"#);
    assert!(!forged.contains("\n  `env.fake` is missing"), "{forged}");
    let colored = said(r#"(module (import "env" "\1b[31mred\e2\80\8b" (func)))"#);
    assert!(
        colored.contains(r"`env.\u{1b}[31mred\u{200b}` is missing"),
        "{colored}"
    );
    let long = said(&format!(
        r#"(module (import "{0}" "{0}" (func)))"#,
        "x".repeat(99_999)
    ));
    assert!(long.len() < 2_000, "{}", long.len());
    let types = "(ref null $t) ".repeat(900);
    let wide: String = (0..30)
        .map(|i| format!(r#"(import "env" "f{i}" (func (param {types})))"#))
        .collect();
    let wide = said(&format!("(module (type $t (struct)) {wide})"));
    assert!(wide.len() < 30_000, "{}", wide.len());
}

/// What is missing is compared with what there is in bounded work, and said in a bounded message.
#[test]
fn many_imports_are_compared_and_said_within_bounds() {
    let name = |i: usize| format!("{:0>200}", format!("function_{i}"));
    let missing: String = (0..40_000)
        .map(|i| format!(r#"(import "env" "{}" (func))"#, name(i)))
        .collect();
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    let error = runtime.load(format!("(module {missing})")).unwrap_err();
    let report: &LinkReport = error.downcast_ref().unwrap();
    assert_eq!(report.missing().len(), 40_000);
    let said = report.to_string();
    assert!(
        said.contains("and 39980 more imports are missing"),
        "{said}"
    );
    assert!(said.len() < 30_000, "{}", said.len());
}

#[wasm_import]
mod many {
    pub fn get_element_by_id() {}
    pub fn register(_name: &str, _kind: u32, _value: f64) {}
    #[wasm_import(memory = "heap")]
    pub fn in_heap(_text: &str) {}
}

/// An import that is listed often, of a function whose memory is among many exports.
#[test]
fn one_function_that_is_imported_often() {
    let imports = r#"(import "env" "in_heap" (func (param i32 i32)))"#.repeat(30_000);
    let exports: String = (0..30_000)
        .map(|i| format!(r#"(export "e{i}" (func 0))"#))
        .collect();
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    runtime
        .load(format!(
            r#"(module {imports} (memory (export "heap") 1) {exports})"#
        ))
        .unwrap();
}

#[test]
fn an_import_that_is_listed_twice_is_said_once() {
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    for import in [
        r#"(import "env" "gone" (func))"#,
        r#"(import "env" "register" (func))"#,
    ] {
        let error = runtime
            .load(format!("(module {import} {import})"))
            .unwrap_err();
        let report: &LinkReport = error.downcast_ref().unwrap();
        assert_eq!(
            report.missing().len() + report.mismatches().len(),
            1,
            "{report}"
        );
    }
}

#[test]
fn the_parameter_that_is_wrong_is_blamed() {
    let runtime = Runtime::builder()
        .imports(imports![mod many])
        .build()
        .unwrap();
    let module = r#"(module (import "env" "register" (func (param i32 i32 f64))))"#;
    let said = runtime.load(module).unwrap_err().to_string();
    assert!(
        said.contains(
            "`_name: &str` is i32 i32 here and i32 in the guest: a pointer and a length; for text \
                           that ends with a NUL write `&CStr`"
        ),
        "{said}"
    );
    assert!(
        !said.contains("_kind: u32` is") && !said.contains("_value: f64` is"),
        "{said}"
    );
}

#[test]
fn a_missing_import_has_advice_by_its_cause() {
    let said = |imports: Imports, import: &str| {
        let runtime = Runtime::builder().imports(imports).build().unwrap();
        runtime
            .load(format!("(module {import})"))
            .unwrap_err()
            .to_string()
    };
    let style = said(
        imports![mod many],
        r#"(import "env" "getElementById" (func))"#,
    );
    assert!(
        style.contains("add `name = \"getElementById\"` to its attribute"),
        "{style}"
    );
    let not_listed = said(
        Imports::none(),
        r#"(import "env" "get_element_by_id" (func))"#,
    );
    assert!(
        not_listed.contains("it is not among these imports"),
        "{not_listed}"
    );
    let wasi = said(
        Imports::none(),
        r#"(import "wasi_snapshot_preview1" "fd_write" (func))"#,
    );
    assert!(wasi.contains("it is a function of WASI"), "{wasi}");
    let memory = said(Imports::none(), r#"(import "env" "memory" (memory 2 16))"#);
    assert!(
        memory.contains(".provide(\"env\", \"memory\", MemoryType::new(2, Some(16)))"),
        "{memory}"
    );
    let wide = said(
        imports![mod many],
        r#"(import "env" "in_heap" (func (param i32 i32))) (memory (export "heap") i64 1)"#,
    );
    assert!(wide.contains("its memory has 64-bit addresses"), "{wide}");
}

#[test]
fn an_export_that_is_asked_for_by_a_wrong_name() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let many: String = (0..20_000)
        .map(|i| format!(r#"(export "function_{i}" (func 0))"#))
        .collect();
    let module =
        format!(r#"(module (memory (export "memory") 1) (func (export "render")) {many})"#);
    let mut guest = runtime.instantiate(module).unwrap();
    let said = guest.func::<(), ()>("rendr").unwrap_err().to_string();
    assert_eq!(
        said,
        "the guest exports no function `rendr`; of the 20001 functions that it exports see `render`"
    );
    let said = guest.func::<(), ()>("memory").unwrap_err().to_string();
    assert_eq!(
        said,
        "the guest's export `memory` is a memory and no function; read it by `Instance::memory`"
    );
}

struct Shared(i32);

#[wasm_import(module = "shared")]
fn shared(#[state] shared: &Shared) -> i32 {
    shared.0
}

#[wasm_import(module = "shared")]
fn wrapped(#[state] shared: &std::sync::Arc<Shared>) -> i32 {
    shared.0
}

#[wasm_import(module = "shared")]
fn handles(#[state] _handles: &host_runtime::Handles) {}

#[test]
fn a_missing_state_says_what_to_give_in_its_place() {
    let module = |name: &str| format!(r#"(module (import "shared" "{name}" (func)))"#);
    let line = |builder: host_runtime::RuntimeBuilder, imports, name| {
        let runtime = builder.imports(imports).build().unwrap();
        let module = Module::new(runtime.engine(), module(name)).unwrap();
        let text = runtime.report(&module).to_string();
        let mut lines = text.lines().filter(|line| line.contains("needs it"));
        let line = lines.next().unwrap().split(" needs it; ").nth(1).unwrap();
        line.to_owned()
    };
    let given = std::sync::Arc::new(Shared(1));
    assert_eq!(
        line(Runtime::builder().state(given), imports![shared], "shared"),
        "there is `Arc<all::linking::Shared>`: borrow that in its place, or give `all::linking::Shared` as \
         well"
    );
    assert_eq!(
        line(
            Runtime::builder().state_with(|| Shared(1)),
            imports![wrapped],
            "wrapped"
        ),
        "there is `all::linking::Shared`: borrow that in its place, or give `Arc<all::linking::Shared>` as \
         well"
    );
    assert_eq!(
        line(Runtime::builder(), imports![handles], "handles"),
        "give them by `Runtime::builder().state_with(Handles::new)`"
    );
}

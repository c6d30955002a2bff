//! Advice in the messages about missing imports, exports and states.

use host_runtime::{Imports, Runtime, imports, wasm_import, wasmtime::Module};

use super::many;

#[test]
fn the_advice_for_a_missing_import_depends_on_the_cause() {
    let message = |imports: Imports, import: &str| {
        let runtime = Runtime::builder().imports(imports).build().unwrap();
        runtime
            .load(format!("(module {import})"))
            .unwrap_err()
            .to_string()
    };
    let style = message(
        imports![mod many],
        r#"(import "env" "getElementById" (func))"#,
    );
    assert!(
        style.contains("add `name = \"getElementById\"` to its attribute"),
        "{style}"
    );
    let not_listed = message(
        Imports::none(),
        r#"(import "env" "get_element_by_id" (func))"#,
    );
    assert!(
        not_listed.contains("it is not in this set of imports"),
        "{not_listed}"
    );
    let wasi = message(
        Imports::none(),
        r#"(import "wasi_snapshot_preview1" "fd_write" (func))"#,
    );
    assert!(wasi.contains("it is a function of WASI"), "{wasi}");
    let memory = message(Imports::none(), r#"(import "env" "memory" (memory 2 16))"#);
    assert!(
        memory.contains(".provide(\"env\", \"memory\", MemoryType::new(2, Some(16)))"),
        "{memory}"
    );
    let wide = message(
        imports![mod many],
        r#"(import "env" "in_heap" (func (param i32 i32))) (memory (export "heap") i64 1)"#,
    );
    assert!(wide.contains("its memory has 64-bit addresses"), "{wide}");
}

#[test]
fn the_error_for_a_wrong_export_name_gives_advice() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let many: String = (0..20_000)
        .map(|i| format!(r#"(export "function_{i}" (func 0))"#))
        .collect();
    let module =
        format!(r#"(module (memory (export "memory") 1) (func (export "render")) {many})"#);
    let mut guest = runtime.instantiate(module).unwrap();
    let message = guest.func::<(), ()>("rendr").unwrap_err().to_string();
    assert_eq!(
        message,
        "the guest exports no function `rendr`; similar names among the 20001 functions that it \
         exports: `render`"
    );
    let message = guest.func::<(), ()>("memory").unwrap_err().to_string();
    assert_eq!(
        message,
        "the guest's export `memory` is a memory, not a function; `Instance::read` and \
         `Guest::read` read it"
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
fn the_report_suggests_a_replacement_for_a_missing_state() {
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
        "there is `Arc<all::linking::advice::Shared>`: borrow that instead, or also provide \
         `all::linking::advice::Shared`"
    );
    assert_eq!(
        line(
            Runtime::builder().state_with(|| Shared(1)),
            imports![wrapped],
            "wrapped"
        ),
        "there is `all::linking::advice::Shared`: borrow that instead, or also provide \
         `Arc<all::linking::advice::Shared>`"
    );
    assert_eq!(
        line(Runtime::builder(), imports![handles], "handles"),
        "provide them with `Runtime::builder().state_with(Handles::new)`"
    );
}

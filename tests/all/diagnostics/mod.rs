//! A list of the mistakes that users make. The message for each mistake names the cause, the place
//! and the remedy.
//!
//! These tests check parts of the messages. Other tests compare whole messages.

mod calls;
mod compiling;
mod embedding;
mod linking;

use std::ffi::CStr;

use host_runtime::{
    Allocated, Callback, FromGuest, Guest, Handle, Handles, Imports, Runtime, RuntimeBuilder,
    values::SliceList, wasm_import, wasmtime,
};

struct App(u32);

#[derive(Debug, FromGuest)]
enum Level {
    Low = 1,
    High = 2,
}

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
struct DiskFull;

#[wasm_import(module = "ffi")]
mod ffi {
    use super::*;

    pub fn print(text: &str) {
        drop(text.to_owned());
    }
    pub fn fill(a: &mut [u8], b: &[u8]) {
        a.fill(u8::try_from(b.len()).unwrap_or_default());
    }
    pub fn sum(numbers: &[u32]) -> u32 {
        numbers.iter().sum()
    }
    pub fn log(text: &CStr) {
        drop(text.to_owned());
    }
    pub fn keep(text: String) {
        drop(text);
    }
    pub fn list(parts: SliceList<&[u8]>) -> u32 {
        u32::try_from(parts.0.len()).unwrap_or_default()
    }
    pub fn flag(on: bool) -> bool {
        on
    }
    pub fn level(level: Level) {
        drop(format!("{level:?}"));
    }
    pub fn file(#[state] files: &Handles, file: Handle<String>) -> wasmtime::Result<u32> {
        Ok(u32::try_from(files.get(file)?.len())?)
    }
    pub fn back(mut guest: Guest<'_>, f: Callback<i32, i32>) -> anyhow::Result<i32> {
        guest.call(&f, 1)
    }
    pub fn helper(mut guest: Guest<'_>) -> anyhow::Result<i32> {
        guest.call::<i32, i32>("helper", 1)
    }
    pub fn again(mut guest: Guest<'_>) -> anyhow::Result<()> {
        guest.call::<(), ()>("run", ())
    }
    pub fn name() -> Allocated<String> {
        String::from("name").into()
    }
    pub fn save() -> Result<(), DiskFull> {
        Err(DiskFull)
    }
    pub fn get_element_by_id(id: u32) -> u32 {
        id
    }
    pub fn count(#[state] app: &mut App) -> u32 {
        app.0 += 1;
        app.0
    }
}

fn builder(imports: Imports) -> RuntimeBuilder {
    Runtime::builder().imports(imports)
}

/// The message of the error when this module is loaded.
fn load(builder: RuntimeBuilder, module: impl AsRef<[u8]>) -> String {
    let error = builder.build().unwrap().load(module).unwrap_err();
    format!("{error:#}")
}

/// The message of the error when a guest passes these numbers to the only function of the set.
fn pass(
    builder: impl FnOnce(RuntimeBuilder) -> RuntimeBuilder,
    imports: Imports,
    arguments: &[i32],
) -> String {
    let function = imports.functions().next().unwrap();
    let ty = function.wasm_type();
    let ty = ty
        .strip_prefix("(func")
        .and_then(|ty| ty.strip_suffix(')'))
        .unwrap();
    let arguments: String = arguments
        .iter()
        .map(|x| format!("(i32.const {x}) "))
        .collect();
    let results = ty
        .split_once("(result ")
        .map_or(0, |(_, results)| results.split(' ').count());
    let results = "(drop) ".repeat(results);
    let module = format!(
        r#"(module
            (import "ffi" "{name}" (func $f {ty}))
            (memory (export "memory") 1)
            (data (i32.const 0) "text\00\ff\ff")
            (table (export "table") funcref (elem $other))
            (func $other (param f64))
            (func (export "run") {arguments} (call $f) {results}))"#,
        name = function.name(),
    );
    let runtime = builder(Runtime::builder().imports(imports))
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(module).unwrap();
    format!("{:#}", guest.call::<(), ()>("run", ()).unwrap_err())
}

/// Leaves the settings of the runtime as they are.
fn unchanged(builder: RuntimeBuilder) -> RuntimeBuilder {
    builder
}

/// A mistake: a function that makes it and returns the message, and the parts of the message that
/// name the cause, the place and the remedy.
type Mistake = (fn() -> String, &'static str, &'static str, &'static str);

fn check(mistake: &str, text: &str, parts: [&str; 3]) {
    for (part, name) in parts.into_iter().zip(["cause", "place", "remedy"]) {
        assert!(
            text.contains(part),
            "{mistake}: the message does not name the {name}, `{part}`:\n{text}"
        );
    }
}

#[test]
fn each_message_names_the_cause_the_place_and_the_remedy() {
    for (kind, mistakes) in [
        ("linking", &linking::LINKING[..]),
        ("loading", &embedding::LOADING),
        ("embedding", &embedding::EMBEDDING),
        ("calls", &calls::CALLS),
    ] {
        for (index, (make, cause, place, remedy)) in mistakes.iter().enumerate() {
            check(&format!("{kind} {index}"), &make(), [cause, place, remedy]);
        }
    }
    for (case, cause, place, remedy) in compiling::COMPILING {
        check(case, &compiling::stderr(case), [cause, place, remedy]);
    }
}

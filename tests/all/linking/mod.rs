//! The messages for a module that does not fit the host, the names by which guests import host
//! functions, and host functions in an embedder's linker.

mod advice;
mod bounds;
mod linkers;
mod names;
mod patterns;
mod report;

use host_runtime::{
    HostData, Imports, LinkReport, Runtime, imports, wasm_import, wasmtime::Caller,
};

use crate::support;

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

#[wasm_import]
mod many {
    pub fn get_element_by_id() {}
    pub fn register(_name: &str, _kind: u32, _value: f64) {}
    #[wasm_import(memory = "heap")]
    pub fn in_heap(_text: &str) {}
}

fn all() -> Imports {
    imports![print, printf, get, name_length]
}

/// Returns the link report of a module, with `LINE` in place of each line number.
fn report(imports: Imports, module: &str) -> String {
    let runtime = Runtime::builder().imports(imports).build().unwrap();
    let error = runtime.load(module).unwrap_err();
    let report: &LinkReport = error.downcast_ref().expect("a link report");
    support::without_lines(&report.to_string())
}

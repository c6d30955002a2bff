//! Helpers for all tests: a guest for any host function, and an engine whose memories move.

use host_runtime::{
    Imports, Instance, Runtime,
    items::HostFunction,
    wasmtime::{Config, Val},
};

/// A guest that imports `function` and exports a function `run` of the same type that calls it.
///
/// The guest exports a memory of one page, with `data` at address 64. Its allocators always return
/// 4096.
///
/// # Panics
///
/// If the type of the function does not begin with `(func`.
#[must_use]
pub fn guest(function: &HostFunction, data: &[u8]) -> String {
    let ty = function.wasm_type();
    let ty = ty
        .strip_prefix("(func")
        .and_then(|ty| ty.strip_suffix(')'))
        .expect("a function type");
    let params = ty.trim_start().strip_prefix("(param ");
    let params = params.and_then(|params| params.split(')').next());
    let count = params.map_or(0, |params| params.split(' ').count());
    let arguments: String = (0..count).map(|i| format!("(local.get {i})")).collect();
    let data: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module
            (import {module:?} {name:?} (func $f {ty}))
            (memory (export "memory") 1)
            (data (i32.const 64) "{data}")
            (func (export "malloc") (param i32) (result i32) (i32.const 4096))
            (func (export "__new") (param i32 i32) (result i32) (i32.const 4096))
            (func (export "run") {ty} (call $f {arguments})))"#,
        module = function.module(),
        name = function.name(),
    )
}

/// Calls the export `run` and returns its results.
///
/// # Errors
///
/// If the call traps.
///
/// # Panics
///
/// If the guest has no `run`.
pub fn run(instance: &mut Instance, arguments: &[Val]) -> anyhow::Result<Vec<Val>> {
    let run = instance.raw().get_func(instance.store_mut(), "run");
    let run = run.expect("the guest exports `run`");
    let mut results = vec![Val::I32(0); run.ty(instance.store_mut()).results().len()];
    run.call(instance.store_mut(), arguments, &mut results)?;
    Ok(results)
}

/// Instantiates the [`guest`] for the only function in `imports`.
///
/// # Errors
///
/// If the guest cannot be linked.
///
/// # Panics
///
/// If `imports` does not contain exactly one function.
pub fn instance(imports: Imports, data: &[u8]) -> anyhow::Result<Instance> {
    assert_eq!(imports.len(), 1, "`imports` has one function");
    let function = imports
        .functions()
        .next()
        .expect("`imports` has one function");
    Runtime::builder()
        .imports(imports)
        .build()?
        .instantiate(guest(function, data))
}

/// The configuration of an engine whose memories move when they grow.
#[must_use]
pub fn moving() -> Config {
    let mut config = Config::new();
    config
        .memory_reservation(0)
        .memory_reservation_for_growth(0)
        .memory_guard_size(0);
    config
}

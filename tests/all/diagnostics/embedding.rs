//! Bad modules, and mistakes of an embedder.

use host_runtime::{
    Imports, MockGuest, ProvidedImport, RuntimeBuilder, imports,
    wasmtime::{Config, Engine, Module},
};

use super::{App, Mistake, builder, ffi, load};

/// Inputs that are not a module of this engine, and a module with nothing to run.
pub(super) const LOADING: [Mistake; 8] = [
    (
        || load(builder(Imports::none()), b"\0asm\x0d\0\x01\0"),
        "it is a WebAssembly component",
        "host functions are imports of core modules",
        "build a core module",
    ),
    (
        || load(builder(Imports::none()), b"\x1F\x8B\x08\0"),
        "compressed with gzip",
        "it is",
        "decompress it first",
    ),
    (
        || load(builder(Imports::none()), "<!DOCTYPE html>"),
        "it is HTML",
        "which a server may have sent instead of the module",
        "check the download",
    ),
    (
        || load(builder(Imports::none()), "export default function () {}"),
        "it is JavaScript",
        "the `.wasm` file",
        "use the `.wasm` file that it loads",
    ),
    (
        || load(builder(Imports::none()), ""),
        "it is empty",
        "the bytes of a module, which begin with `\\0asm`",
        "pass the bytes",
    ),
    (
        || load(builder(Imports::none()), "guest.wasm"),
        "it is a path",
        "\"guest.wasm\"",
        "use `run_file` or `load_file`",
    ),
    (
        || {
            let module = Module::new(&Engine::default(), "(module)").unwrap();
            let runtime = builder(Imports::none()).build().unwrap();
            format!("{:#}", runtime.instantiate_pre(&module).unwrap_err())
        },
        "compiled with another engine",
        "the module",
        "compile it with `runtime.engine()`",
    ),
    (
        || {
            let runtime = builder(Imports::none()).build().unwrap();
            let module = r#"(module (func (export "main")))"#;
            format!("{:#}", runtime.run(module).unwrap_err())
        },
        "has nothing to run: no start function, `_start` or `_initialize`",
        "the module",
        "call one of its exports with `Instance::call`: `main`",
    ),
];

/// The message of the error when a runtime is built with these settings.
fn build(builder: RuntimeBuilder) -> String {
    format!("{:#}", builder.build().unwrap_err())
}

/// The message of the error when the export `name` is called.
fn export(name: &str) -> String {
    let mut guest = builder(Imports::none())
        .build()
        .unwrap()
        .instantiate(r#"(module (func (export "run") (param i64)) (memory (export "memory") 1))"#)
        .unwrap();
    format!("{:#}", guest.call::<i32, ()>(name, 1).unwrap_err())
}

/// Settings that contradict each other, bad calls of exports, and missing states.
pub(super) const EMBEDDING: [Mistake; 10] = [
    (
        || {
            build(
                builder(Imports::none())
                    .engine(Engine::default())
                    .config(Config::new()),
            )
        },
        "an engine already has a configuration",
        "both `engine` and `config`",
        "remove one",
    ),
    (
        || build(builder(Imports::none()).imports(Imports::none())),
        "is called twice",
        "`imports`",
        "combine the sets with `Imports::merge`",
    ),
    (
        || build(builder(Imports::none()).state(1_u8).state(2_u8)),
        "is provided twice",
        "the state `u8`",
        "remove one, or wrap it in a type of your own",
    ),
    (
        || {
            build(
                builder(Imports::none())
                    .provide("env", "base", ProvidedImport::GlobalConst(1.into()))
                    .provide("env", "base", ProvidedImport::GlobalConst(2.into())),
            )
        },
        "is provided twice",
        "`env.base`",
        "remove one",
    ),
    (
        || build(builder(Imports::none()).memory("heap").memory("memory")),
        "is called twice",
        "`memory`",
        "remove one",
    ),
    (
        || export("rnu"),
        "exports no function",
        "`rnu`",
        "it exports `run`",
    ),
    (
        || export("memory"),
        "is a memory, not a function",
        "the guest's export `memory`",
        "`Instance::read` and `Guest::read` read it",
    ),
    (
        || export("run"),
        "it is used as (func (param i32))",
        "the guest's `run`",
        "is (func (param i64))",
    ),
    (
        || {
            let prepared = builder(imports![ffi::count]).state_per_instance::<App>();
            let module = r#"(module (import "ffi" "count" (func (result i32))))"#;
            let prepared = prepared.build().unwrap().load(module).unwrap();
            format!("{:#}", prepared.instantiate().unwrap_err())
        },
        "the host has no state `all::diagnostics::App`",
        "`state_per_instance` declares it",
        "insert it with `instantiate_with(|host| { host.insert(…); })`",
    ),
    (
        || {
            let error = MockGuest::new(0).call(&imports![ffi::count], &[]);
            format!("{:#}", error.unwrap_err())
        },
        "`all::diagnostics::App`",
        "the host has no state",
        "provide one with `MockGuest::with(…)`",
    ),
];

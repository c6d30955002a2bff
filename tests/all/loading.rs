//! Errors for input that is not a module, for modules that have nothing to run, and for
//! contradictory settings.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use host_runtime::{
    Imports, Runtime, RuntimeBuilder,
    errors::{BuildError, NoModuleError, NothingToRunError, OtherEngineError, StateCloneError},
    imports, wasm_import,
    wasmtime::{Config, Engine, MemoryType, Module},
};

#[wasm_import]
fn nothing() {}

fn builder() -> RuntimeBuilder {
    Runtime::builder().imports(imports![nothing])
}

fn runtime() -> Runtime {
    builder().build().unwrap()
}

/// For each kind of input: its first bytes, the error, and the advice in the error.
const SOURCES: [(&[u8], &str, &str); 36] = [
    (b"", "it is empty", "pass the bytes of a module"),
    (b" \n\t", "it is empty", "pass the bytes of a module"),
    (
        b"\0asm\x0d\0\x01\0",
        "it is a WebAssembly component",
        "build a core module",
    ),
    (
        b"(component)",
        "it is a WebAssembly component",
        "build a core module",
    ),
    (
        b"\xEF\xBB\xBF (component)",
        "it is a WebAssembly component",
        "build a core module",
    ),
    (b"\0asm\x02\0\0\0", "module of version 2", "version 1"),
    (b"\x1F\x8B\x08\0", "compressed with gzip", "decompress it"),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd", "decompress it"),
    (b"BZh9", "compressed with bzip2", "decompress it"),
    (b"PK\x03\x04", "a zip archive", "extract the module from it"),
    (
        b"!<arch>\n",
        "a static library",
        "extract the module from it",
    ),
    (
        b"\x7FELF\x02\x01\x01\0",
        "a native ELF file",
        "build the program for a WebAssembly target",
    ),
    (
        b"MZ\x90\0",
        "a native Windows file",
        "build the program for a WebAssembly target",
    ),
    (
        b"\xCF\xFA\xED\xFE",
        "a native Mach-O file",
        "build the program for a WebAssembly target",
    ),
    (b"<!DOCTYPE html><html>", "it is HTML", "check the download"),
    (b"<html>404</html>", "it is HTML", "check the download"),
    (
        b"import init from './x.js';",
        "it is JavaScript",
        "use the `.wasm` file",
    ),
    (
        b"/* glue */ var Module = {};",
        "it is JavaScript",
        "use the `.wasm` file",
    ),
    (b"{\"files\": [1]}", "it is JSON", "use the `.wasm` file"),
    (b"AGFzbQEAAAA=", "a module encoded as base64", "decode it"),
    (
        b"(\0m\0o\0d\0u\0l\0e\0)\0",
        "text in UTF-16",
        "save it as UTF-8",
    ),
    (b"\xFF\xFE(\0m\0", "text in UTF-16", "save it as UTF-8"),
    (
        b"build/guest.wasm",
        "it is a path, \"build/guest.wasm\"",
        "use `run_file`",
    ),
    (
        b"Cargo.toml",
        "it is a path, \"Cargo.toml\"",
        "use `run_file`",
    ),
    (
        b"https://example.com/guest.wasm",
        "it is a URL, \"https://example.com/guest.wasm\"",
        "download the module",
    ),
    (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "a Git LFS pointer",
        "git lfs pull",
    ),
    (
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        "it is XML",
        "check the download",
    ),
    (
        b"#!/usr/bin/env node\nconst x = 1;\n",
        "it is JavaScript",
        "use the `.wasm` file",
    ),
    (
        b"(() => { var Module = {}; })();",
        "it is JavaScript",
        "use the `.wasm` file",
    ),
    (
        b"; (async function() { })();",
        "it is JavaScript",
        "use the `.wasm` file",
    ),
    (
        b"const wasm = 'x.wasm'",
        "it is JavaScript",
        "use the `.wasm` file",
    ),
    (
        b"{\"version\":3,\"mappings\":\"AAAA;BBBB\"}",
        "it is JSON",
        "use the `.wasm` file",
    ),
    (
        b"\xCA\xFE\xBA\xBE\0\0\0\x41",
        "it is a Java class file",
        "build the program for a WebAssembly target",
    ),
    (
        b"let us go then, you and I",
        "it is not WebAssembly",
        "begins with `\\0asm`",
    ),
    (
        b"MZ is how this text begins",
        "it is not WebAssembly",
        "begins with `\\0asm`",
    ),
    (b"hello", "it is not WebAssembly", "begins with `\\0asm`"),
];

#[test]
fn the_error_names_the_kind_of_input_that_is_not_a_module() {
    let runtime = runtime();
    for (source, cause, advice) in SOURCES {
        let shown = String::from_utf8_lossy(source);
        for error in [
            runtime.load(source).map(drop).unwrap_err(),
            runtime.run(source).unwrap_err(),
        ] {
            let reason = error.downcast_ref::<NoModuleError>();
            let text = reason
                .unwrap_or_else(|| panic!("{shown}: {error:#}"))
                .to_string();
            assert!(text.contains(cause), "{shown}: {text}");
            assert!(text.contains(advice), "{shown}: {text}");
        }
    }
}

#[test]
fn a_module_that_is_already_compiled_is_an_error() {
    let runtime = runtime();
    let compiled = Module::new(runtime.engine(), "(module)")
        .unwrap()
        .serialize()
        .unwrap();
    let error = runtime.load(compiled).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&NoModuleError::Precompiled));
}

#[test]
fn a_byte_order_mark_before_the_text_is_ignored() {
    runtime().load("\u{FEFF}(module)").unwrap();
    runtime().load("\u{FEFF}\n;; comment\n(module)").unwrap();
}

#[test]
fn wasmtime_reports_a_truncated_module() {
    let module = wat::parse_str(r#"(module (memory 1) (func (export "f")))"#).unwrap();
    for length in [4, 7, 12, module.len() - 1] {
        let error = runtime().load(&module[..length]).unwrap_err();
        assert!(!error.is::<NoModuleError>(), "{error:#}");
        assert!(format!("{error:#}").contains("unexpected end"), "{error:#}");
    }
}

#[test]
fn running_a_module_that_has_nothing_to_run_is_an_error() {
    let runtime = runtime();
    let error = runtime
        .run(r#"(module (memory (export "memory") 1) (func (export "add")) (func (export "sub")))"#)
        .unwrap_err();
    assert!(error.is::<NothingToRunError>());
    assert_eq!(
        error.to_string(),
        "the module has nothing to run: no start function, `_start` or `_initialize`; instantiate \
         it with `Runtime::instantiate` and call one of its exports with `Instance::call`: `add`, \
         `sub`"
    );
    let many: String = (0..1000)
        .map(|i| format!(r#"(func (export "f{i}"))"#))
        .collect();
    let error = runtime
        .run(format!("(module {many})"))
        .unwrap_err()
        .to_string();
    assert!(error.ends_with("`f9` and 990 more"), "{error}");
    assert!(
        runtime
            .run("(module)")
            .unwrap_err()
            .to_string()
            .ends_with("it also exports no function")
    );
    for module in [
        "(module (func $f) (start $f))",
        r#"(module (func (export "_start")))"#,
        r#"(module (func (export "_initialize")))"#,
    ] {
        runtime.run(module).unwrap();
        runtime.run(wat::parse_str(module).unwrap()).unwrap();
    }
}

#[test]
fn an_error_of_run_file_names_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("guest.wat");
    std::fs::write(&path, "(module (func $f unreachable) (start $f))").unwrap();
    let error = runtime().run_file(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot run {}", path.display()));
    let error = runtime().run_file(directory.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot read {}", directory.path().display())
    );
}

#[test]
fn a_module_of_another_engine_is_an_error() {
    let module = Module::new(&Engine::default(), "(module)").unwrap();
    let error = runtime().instantiate_pre(&module).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&OtherEngineError::Module));
    assert!(
        error
            .to_string()
            .contains("compile it with `runtime.engine()`"),
        "{error}"
    );
}

#[test]
fn the_error_lists_all_contradictory_settings() {
    let error = builder()
        .imports(Imports::none())
        .engine(Engine::default())
        .config(Config::new())
        .state(1_u8)
        .state_with(|| 2_u8)
        .memory("a")
        .memory("b")
        .provide("env", "memory", MemoryType::new(1, None))
        .provide("env", "memory", MemoryType::new(2, None))
        .build()
        .unwrap_err();
    let Some(BuildError::Contradictions(messages)) = error.downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!(
        messages[..],
        [
            "`imports` is called twice; combine the sets with `Imports::merge`",
            "the state `u8` is provided twice; remove one, or wrap it in a type of your own",
            "`memory` is called twice, with `a` and `b`; remove one",
            "`env.memory` is provided twice; remove one",
            "both `engine` and `config` are called, but an engine already has a configuration; \
             remove one",
        ]
    );
    assert_eq!(error.to_string(), messages.join("\n"));
}

/// A state whose `clone` instantiates a module in the runtime that the state belongs to.
struct Recursive(Arc<Mutex<Option<Runtime>>>, Option<String>);

impl Clone for Recursive {
    fn clone(&self) -> Self {
        let runtime = self.0.lock().unwrap().clone();
        let error = runtime.and_then(|runtime| runtime.instantiate("(module)").err());
        assert!(
            error
                .as_ref()
                .is_none_or(host_runtime::wasmtime::anyhow::Error::is::<StateCloneError>)
        );
        Self(Arc::default(), error.map(|error| error.to_string()))
    }
}

#[test]
fn a_state_whose_clone_instantiates_does_not_hang() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let own: Arc<Mutex<Option<Runtime>>> = Arc::default();
        let runtime = builder()
            .state(Recursive(Arc::clone(&own), None))
            .build()
            .unwrap();
        *own.lock().unwrap() = Some(runtime.clone());
        let instance = runtime.instantiate("(module)").unwrap();
        let message = instance.state::<Recursive>().unwrap().1.clone();
        sender.send(message.unwrap()).unwrap();
    });
    let message = receiver
        .recv_timeout(Duration::from_mins(1))
        .expect("the instantiation takes less than a minute");
    assert!(
        message.ends_with("create the state with `RuntimeBuilder::state_with` instead"),
        "{message}"
    );
}

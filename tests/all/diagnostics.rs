//! Kinds of mistakes that people make: what is said of each names the cause, the place, and what to
//! do.
//!
//! Elsewhere tests pin whole texts; this is the list of the kinds.

#![expect(
    clippy::needless_pass_by_value,
    reason = "host functions get by value what the guest passes"
)]

use std::{env, ffi::CStr, fs, path::Path, sync::Arc};

use host_runtime::{
    Allocated, Callback, FromGuest, Guest, Handle, Handles, Imports, MockGuest, ProvidedImport,
    Runtime, RuntimeBuilder, SliceList, imports, wasm_import,
    wasmtime::{self, Config, Engine, MemoryType, Module},
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
    pub fn back(mut guest: Guest<'_>, f: Callback<i32, i32>) -> wasmtime::Result<i32> {
        guest.call(&f, 1)
    }
    pub fn helper(mut guest: Guest<'_>) -> wasmtime::Result<i32> {
        guest.call::<i32, i32>("helper", 1)
    }
    pub fn again(mut guest: Guest<'_>) -> wasmtime::Result<()> {
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

/// What is said when a module is loaded.
fn load(builder: RuntimeBuilder, module: impl AsRef<[u8]>) -> String {
    let error = builder.build().unwrap().load(module).unwrap_err();
    format!("{error:#}")
}

/// What is said when a module that imports `ffi.NAME` with that type is loaded.
fn import(imports: Imports, name: &str, ty: &str) -> String {
    let module =
        format!(r#"(module (import "ffi" "{name}" (func {ty})) (memory (export "memory") 1))"#);
    load(builder(imports), module)
}

/// What is said when a guest passes these numbers to the only function of a set.
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

fn plain(builder: RuntimeBuilder) -> RuntimeBuilder {
    builder
}

/// What is said of settings.
fn build(builder: RuntimeBuilder) -> String {
    format!("{:#}", builder.build().unwrap_err())
}

/// What is said when an exported function is called.
fn export(name: &str) -> String {
    let mut guest = builder(Imports::none())
        .build()
        .unwrap()
        .instantiate(r#"(module (func (export "run") (param i64)) (memory (export "memory") 1))"#)
        .unwrap();
    format!("{:#}", guest.call::<i32, ()>(name, 1).unwrap_err())
}

/// What rustc says of a case of `ui/fail`.
fn rustc(case: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail");
    fs::read_to_string(directory.join(case).with_extension("stderr")).unwrap()
}

/// A mistake: how it is made; the cause, the place and the remedy as the message has them.
type Kind = (fn() -> String, &'static str, &'static str, &'static str);

/// What a module and the host do not agree on.
const LINKING: [Kind; 16] = [
    (
        || import(imports![ffi::flag], "clear", ""),
        "is missing, (func)",
        "`ffi.clear`",
        r#"write a function with `#[wasm_import(module = "ffi", name = "clear")]`"#,
    ),
    (
        || import(imports![ffi::print], "prnit", "(param i32 i32)"),
        "`ffi.prnit` is missing",
        "there is `ffi.print`: fn print(text: &str) (tests/all/diagnostics.rs:",
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
        "there is a `print` in `ffi`: fn print(text: &str) (tests/all/diagnostics.rs:",
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
        "since the two differ in their style only",
        "fn get_element_by_id(id: u32) -> u32 (tests/all/diagnostics.rs:",
        r#"add `name = "getElementById"` to its attribute, or `rename_all` to that of all"#,
    ),
    (
        || import(imports![ffi::flag], "sum", "(param i32 i32) (result i32)"),
        "the program has it, and it is not among these imports",
        "fn sum(numbers: &[u32]) -> u32 (tests/all/diagnostics.rs:",
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
        || import(imports![ffi::flag], "flag", "(param i64) (result i32)"),
        "`on: bool` is i32 here and i64 in the guest",
        "fn flag(on: bool) -> bool (tests/all/diagnostics.rs:",
        "write `i64` or `u64`",
    ),
    (
        || import(imports![ffi::print], "print", "(param i32)"),
        "`text: &str` is i32 i32 here and i32 in the guest: a pointer and a length",
        "fn print(text: &str) (tests/all/diagnostics.rs:",
        "for text that ends with a NUL write `&CStr`",
    ),
    (
        || {
            load(
                builder(imports![ffi::print]),
                r#"(module (import "ffi" "print" (func (param i32 i32))) (memory (export "memory") i64 1))"#,
            )
        },
        "its memory has 64-bit addresses",
        "fn print(text: &str) (tests/all/diagnostics.rs:",
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
        "`env.memory`, given by `Runtime::builder().provide(…)`",
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
        "provide one by `Runtime::builder().provide(",
    ),
    (
        || import(imports![ffi::count], "count", "(result i32)"),
        "state `all::diagnostics::App` is missing",
        "fn count(app: &mut App) -> u32 (tests/all/diagnostics.rs:",
        "give one by `Runtime::builder().state(…)`",
    ),
    (
        || {
            load(
                builder(imports![ffi::count]).state(Arc::new(App(0))),
                r#"(module (import "ffi" "count" (func (result i32))))"#,
            )
        },
        "state `all::diagnostics::App` is missing",
        "fn count(app: &mut App) -> u32 (tests/all/diagnostics.rs:",
        "there is `Arc<all::diagnostics::App>`: borrow that in its place",
    ),
    (
        || import(imports![ffi::file], "file", "(param i32) (result i32)"),
        "state `Handles` is missing",
        "`ffi.file`, fn file(files: &Handles, ",
        "give them by `Runtime::builder().state_with(Handles::new)`",
    ),
];

/// What is no module, or has nothing to run.
const LOADING: [Kind; 8] = [
    (
        || load(builder(Imports::none()), b"\0asm\x0d\0\x01\0"),
        "it is a WebAssembly component",
        "host functions are imports of core modules",
        "build a core module",
    ),
    (
        || load(builder(Imports::none()), b"\x1F\x8B\x08\0"),
        "compressed by gzip",
        "it is",
        "decompress it first",
    ),
    (
        || load(builder(Imports::none()), "<!DOCTYPE html>"),
        "it is HTML",
        "which a server may have sent in place of the module",
        "look at what was downloaded",
    ),
    (
        || load(builder(Imports::none()), "export default function () {}"),
        "it is JavaScript",
        "the `.wasm` file",
        "give the `.wasm` file that it loads",
    ),
    (
        || load(builder(Imports::none()), ""),
        "it is empty",
        "the bytes of a module, which begin with `\\0asm`",
        "give the bytes",
    ),
    (
        || load(builder(Imports::none()), "guest.wasm"),
        "it is a path",
        "\"guest.wasm\"",
        "read a file by `run_file` or `load_file`",
    ),
    (
        || {
            let module = Module::new(&Engine::default(), "(module)").unwrap();
            let runtime = builder(Imports::none()).build().unwrap();
            format!("{:#}", runtime.instantiate_pre(&module).unwrap_err())
        },
        "compiled by another engine than the runtime's",
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
        "call one of its exports by `Instance::call`: `main`",
    ),
];

/// Settings that contradict each other, and calls from outside.
const EMBEDDING: [Kind; 10] = [
    (
        || {
            build(
                builder(Imports::none())
                    .engine(Engine::default())
                    .config(Config::new()),
            )
        },
        "an engine has its configuration",
        "both `engine` and `config`",
        "remove one",
    ),
    (
        || build(builder(Imports::none()).imports(Imports::none())),
        "is called twice",
        "`imports`",
        "join the sets by `Imports::merge`",
    ),
    (
        || build(builder(Imports::none()).state(1_u8).state(2_u8)),
        "is given twice",
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
        "is a memory and no function",
        "the guest's export `memory`",
        "read it by `Instance::memory`",
    ),
    (
        || export("run"),
        "was asked for with another type",
        "the guest's `run` is (func (param i64))",
        "expected i64, found i32",
    ),
    (
        || {
            let prepared = builder(imports![ffi::count]).state_per_instance::<App>();
            let module = r#"(module (import "ffi" "count" (func (result i32))))"#;
            let prepared = prepared.build().unwrap().load(module).unwrap();
            format!("{:#}", prepared.instantiate().unwrap_err())
        },
        "no `all::diagnostics::App` among the host's states",
        "it is promised by `state_per_instance`",
        "insert it by `instantiate_with(|host| { host.insert(…); })`",
    ),
    (
        || {
            let error = MockGuest::new(0).call(&imports![ffi::count], &[]);
            format!("{:#}", error.unwrap_err())
        },
        "no `all::diagnostics::App`",
        "among the host's states",
        "give one by `MockGuest::with(…)`",
    ),
];

/// What a guest does wrong: the remedy is in what the host function takes, or says what the guest
/// may pass.
const CALLS: [Kind; 16] = [
    (
        || pass(plain, imports![ffi::print], &[65530, 10]),
        "pointer 0xfffa and length 10 reach past the end",
        "`ffi.print` with a bad `text: &str` (tests/all/diagnostics.rs:",
        "the memory, 65536 bytes",
    ),
    (
        || pass(plain, imports![ffi::print], &[0, 7]),
        "the 7 bytes at 0x0 are not UTF-8",
        "`ffi.print` with a bad `text: &str` (tests/all/diagnostics.rs:",
        "take bytes if it need not be",
    ),
    (
        || pass(plain, imports![ffi::sum], &[2, 1]),
        "pointer 0x2 is not aligned to 4 bytes",
        "`ffi.sum` with a bad `numbers: &[u32]` (tests/all/diagnostics.rs:",
        "where a guest does not align, take bytes",
    ),
    (
        || pass(plain, imports![ffi::fill], &[0, 4, 2, 4]),
        "bytes 0x2 to 0x6 overlap bytes 0x0 to 0x4",
        "with a bad `b: &[u8]`, which overlaps `a: &mut [u8]` (tests/all/diagnostics.rs:",
        "take one as a `Vec`, which is a copy",
    ),
    (
        || pass(|builder| builder.text_limit(3), imports![ffi::log], &[0]),
        "there is no NUL in the 3 bytes from pointer 0x0 on",
        "`ffi.log` with a bad `text: &CStr` (tests/all/diagnostics.rs:",
        "`RuntimeBuilder::text_limit`",
    ),
    (
        || {
            pass(
                |builder| builder.copy_budget(3),
                imports![ffi::keep],
                &[0, 4],
            )
        },
        "4 bytes to copy are more than the 3 that are left",
        "`ffi.keep` with a bad `text: String` (tests/all/diagnostics.rs:",
        "`RuntimeBuilder::copy_budget`",
    ),
    (
        || {
            pass(
                |builder| builder.list_limit(3),
                imports![ffi::list],
                &[0, 4],
            )
        },
        "a list of 4 slices is longer than the limit, 3",
        "`ffi.list` with a bad `parts: SliceList<&[u8]>` (tests/all/diagnostics.rs:",
        "`RuntimeBuilder::list_limit`",
    ),
    (
        || pass(plain, imports![ffi::flag], &[2]),
        "2 is not in",
        "`ffi.flag` with a bad `on: bool` (tests/all/diagnostics.rs:",
        "0 (false) or 1 (true)",
    ),
    (
        || pass(plain, imports![ffi::level], &[3]),
        "3 is not in",
        "`ffi.level` with a bad `level: Level` (tests/all/diagnostics.rs:",
        "the numbers of `Level`, Low, High",
    ),
    (
        || {
            pass(
                |builder| builder.state_with(Handles::new),
                imports![ffi::file],
                &[5],
            )
        },
        "0x5 is no handle",
        "the host function `ffi.file` failed (tests/all/diagnostics.rs:",
        "that this host has given",
    ),
    (
        || pass(plain, imports![ffi::back], &[0]),
        "the callback is (func (param f64))",
        "the host function `ffi.back` failed (tests/all/diagnostics.rs:",
        "and is called as (func (param i32) (result i32))",
    ),
    (
        || pass(plain, imports![ffi::back], &[7]),
        "there is no function 7",
        "the host function `ffi.back` failed (tests/all/diagnostics.rs:",
        "in the guest's table, which has 1",
    ),
    (
        || pass(plain, imports![ffi::helper], &[]),
        "the guest exports no function called `helper`",
        "the host function `ffi.helper` failed (tests/all/diagnostics.rs:",
        "it exports `run`",
    ),
    (
        || pass(|builder| builder.call_depth(2), imports![ffi::again], &[]),
        "2 calls of the guest by the host are under way",
        "the host function `ffi.again` failed (tests/all/diagnostics.rs:",
        "`RuntimeBuilder::call_depth`",
    ),
    (
        || pass(plain, imports![ffi::name], &[]),
        "the guest exports no function `malloc`",
        "the host function `ffi.name` failed (tests/all/diagnostics.rs:",
        "export it, or name another in `Allocated<_, …>`",
    ),
    (
        || pass(plain, imports![ffi::save], &[]),
        "the disk is full",
        "the host function `ffi.save` failed (tests/all/diagnostics.rs:",
        "wasm backtrace",
    ),
];

/// What rustc refuses: of each a case of `ui/fail`, in which the place is the line.
const COMPILING: [(&str, &str, &str, &str); 20] = [
    (
        "async_fn",
        "cannot be `async` yet",
        "async_fn.rs:",
        "remove `async`",
    ),
    (
        "generic_type",
        "it cannot be generic",
        "generic_type.rs:",
        "write the type in place of `T`",
    ),
    (
        "state_by_value",
        "host state is borrowed",
        "state_by_value.rs:",
        "write `&Kv` or `&mut Kv`",
    ),
    (
        "state_forgotten",
        "`&mut Kv` cannot be a parameter",
        "state_forgotten.rs:",
        "for host state write `#[state]",
    ),
    (
        "state_remedies",
        "host state is found by its type",
        "state_remedies.rs:",
        "write `&Box<dyn Clock + Send>`",
    ),
    (
        "parameter_remedies",
        "a guest's pointer points to nothing in the host",
        "parameter_remedies.rs:",
        "write `&CStr`",
    ),
    (
        "vec_of_strings",
        "each element is a pointer and a length",
        "vec_of_strings.rs:",
        "write `SliceList<&str>`",
    ),
    (
        "usize_parameter",
        "is as wide as the host has it",
        "usize_parameter.rs:",
        "write `GuestSize`",
    ),
    (
        "slice_of_bool",
        "a guest's byte may be neither 0 nor 1",
        "slice_of_bool.rs:",
        "write `&mut [u8]`",
    ),
    (
        "option_of_number",
        "none stands for `None`",
        "option_of_number.rs:",
        "and a `bool` beside it",
    ),
    (
        "result_str",
        "a guest cannot reach what the host borrows",
        "result_str.rs:",
        "return `Allocated<String>`",
    ),
    (
        "result_remedies",
        "none stands for `None`",
        "result_remedies.rs:",
        "return `Result<i32, ErrorCode<E>>`",
    ),
    (
        "result_string_error",
        "is not an error that a trap can carry",
        "result_string_error.rs:",
        "write `anyhow::Error`",
    ),
    (
        "borrow_beside_guest",
        "nothing can be borrowed beside the `Guest`",
        "borrow_beside_guest.rs:",
        "write `String`",
    ),
    (
        "macro_call_in_mod",
        "is not seen here",
        "macro_call_in_mod.rs:",
        "put `#[wasm_import]` on the functions in the macro",
    ),
    (
        "macro_in_type",
        "may expand to another type each time",
        "macro_in_type.rs:",
        "write `type Name = flip!(…);`",
    ),
    (
        "code_of_two_variants",
        "1 is the code of `One` already",
        "code_of_two_variants.rs:",
        "write another for `Another`",
    ),
    (
        "plain_data",
        "there are bytes between the fields of `Padded`",
        "plain_data.rs:",
        "add a field for them",
    ),
    (
        "call_with_text",
        "`&str` cannot be passed to a function of a guest",
        "call_with_text.rs:",
        "by `Instance::write`",
    ),
    (
        "derive_enum_other",
        "holds one as a guest passes it",
        "derive_enum_other.rs:",
        "write `Unknown(u8)`",
    ),
];

fn check(mistake: &str, text: &str, parts: [&str; 3]) {
    for (part, name) in parts.into_iter().zip(["cause", "place", "remedy"]) {
        assert!(
            text.contains(part),
            "{mistake}: no {name}, `{part}`, in\n{text}"
        );
    }
}

#[test]
fn each_message_names_the_cause_the_place_and_the_remedy() {
    for (kind, mistakes) in [
        ("linking", &LINKING[..]),
        ("loading", &LOADING),
        ("embedding", &EMBEDDING),
        ("calls", &CALLS),
    ] {
        for (index, (make, cause, place, remedy)) in mistakes.iter().enumerate() {
            check(&format!("{kind} {index}"), &make(), [cause, place, remedy]);
        }
    }
    for (case, cause, place, remedy) in COMPILING {
        check(case, &rustc(case), [cause, place, remedy]);
    }
}

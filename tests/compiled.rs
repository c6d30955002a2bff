//! Guests in C, AssemblyScript, Rust and Zig. All of them call the same host functions, and each
//! passes values as its language does.
//!
//! Each test in `conventions!` is named after a calling convention. The guests export a function of
//! the same name. Run the tests with
//! `cargo test -p host-tests --features compiled-guests --test compiled`.

#[path = "compiled/host.rs"]
mod host;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    sync::{LazyLock, Mutex, PoisonError},
};

use host::{CALLS, Seen};
use host_runtime::{
    Handles, Instance, InstancePre, Runtime, RuntimeBuilder, ValueError,
    errors::{HandleError, NoMemoryError},
    wasmtime::{Config, Engine, MemoryType, SharedMemory},
};

/// Compiles the guests once for all tests. The error is the output of the compilers.
static COMPILED: LazyLock<Result<(), String>> = LazyLock::new(|| {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/build-compiled-guests");
    let output = Command::new("bash")
        .arg(&script)
        .output()
        .map_err(|error| format!("`bash` cannot run {}: {error}", script.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("the guests cannot be compiled: {errors}"))
});

fn path(guest: &str) -> PathBuf {
    if let Err(error) = &*COMPILED {
        panic!("{error}");
    }
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/compiled-guests");
    guests.join(guest).with_extension("wasm")
}

/// The builder of a runtime with all host functions of this program.
fn runtime() -> RuntimeBuilder {
    Runtime::builder()
        .state(Seen::default())
        .state_with(Handles::new)
}

/// The prepared modules. They are cached, because Wasmtime needs longer to compile them than to run
/// them.
static PREPARED: Mutex<BTreeMap<&str, InstancePre>> = Mutex::new(BTreeMap::new());

fn prepared(guest: &'static str) -> InstancePre {
    // If another test panicked while it held the lock, the map is still valid.
    let mut prepared = PREPARED.lock().unwrap_or_else(PoisonError::into_inner);
    let prepared = prepared.entry(guest);
    let prepare = || runtime().build().unwrap().load_file(path(guest)).unwrap();
    prepared.or_insert_with(prepare).clone()
}

fn instance(guest: &'static str) -> Instance {
    let mut instance = prepared(guest).instantiate().unwrap();
    // Another test checks the calls of host functions during instantiation.
    instance.state_mut::<Seen>().unwrap().0.clear();
    instance
}

/// Calls the export `convention` of each guest, which checks what the host functions return. Then
/// checks what the host has seen.
fn check(guests: &[&'static str], convention: &str, expected: &[&str]) {
    for guest in guests {
        let mut instance = instance(guest);
        if let Err(error) = instance.call::<(), ()>(convention, ()) {
            panic!("`{convention}` of {guest}: {error:?}");
        }
        let Seen(seen) = instance.state().unwrap();
        assert_eq!(seen, expected, "`{convention}` of {guest}");
    }
}

const ALL: &[&str] = &["c", "c-64", "c-64-newer", "assemblyscript", "zig", "rust"];
/// C, with 32-bit and 64-bit memories.
const CS: &[&str] = &["c", "c-64", "c-64-newer"];
/// The languages that have pointers and structs as in C.
const C_LIKE: &[&str] = &["c", "c-64", "c-64-newer", "zig", "rust"];

/// Defines tests. Each test calls the export that has the same name as the test.
macro_rules! conventions {
    ($($(#[$attr:meta])* $name:ident: $guests:expr, [$($expected:expr),* $(,)?];)*) => {$(
        $(#[$attr])*
        #[test]
        fn $name() {
            check($guests, stringify!($name), &[$($expected),*]);
        }
    )*};
}

conventions! {
    integers_of_all_widths: ALL,
        ["-128 255 -32768 65535", "-2147483648 4294967295 -9223372036854775808 \
            18446744073709551615"];
    floats: ALL, [];
    booleans: ALL, [];
    characters: C_LIKE, [];
    enums: ALL, ["Red", "Blue"];
    flags: C_LIKE, [];
    newtypes: &["c", "c-64", "c-64-newer", "rust"], [];
    vectors: &["c", "assemblyscript"], [];
    several_results: &["c-several-results"], [];
    references: &["c-references", "assemblyscript"], [];

    text_with_nul: C_LIKE, ["hello", "", "zoë", "hello, zoë", "hello, whoever you are"];
    text_with_length: C_LIKE, ["héllo", "h", "", "hello, llo", "hello, whoever you are"];
    text_in_utf16: CS, ["zoë 😀", ""];
    strings: &["assemblyscript"], ["héllo", "", "\u{fffd}", "hello, zoë", "hello, whoever you are"];
    bytes: ALL, [];
    out_buffer: ALL, [];
    out_buffer_whose_length_is_queried: CS, [];
    arrays_of_numbers: ALL, [];

    structs_by_pointer: ALL, [];
    struct_as_result: C_LIKE, [];
    arrays_of_structs: C_LIKE, [];
    struct_or_null: ALL, [];
    struct_with_padding: C_LIKE, ["3 70000 18446744073709551615"];

    slice_in_memory: C_LIKE, ["in memory"];
    list_of_slices: C_LIKE, ["one||three", ""];
    slice_in_a_number: &["c", "zig", "rust"], ["packed", "packed"];
    wasi: &["c"], ["hello, world\n"];

    out_pointer: C_LIKE, [];
    // The table of `c-64` has 32-bit indices, and that of `c-64-newer` has 64-bit indices. Both
    // guests pass an index as an `i64`.
    function_pointer: ALL, [];
    callback_that_grows_the_memory: C_LIKE, ["before: around", "f", "from within", "after: around"];
    handles: C_LIKE, [];

    allocated_text: C_LIKE, [];
    allocated_text_in_a_number: &["c"], [];
    allocated_text_of_the_canonical_abi: CS, [];
    allocated_text_of_wasm_bindgen: &["rust"], [];
    allocated_strings: &["assemblyscript"], [];
    allocated_numbers: CS, [];
    result_codes: ALL, [];

    library: &["assemblyscript"], ["tracing: Some([1.5, -2.0])", "logged"];
}

#[test]
fn sizes_have_the_width_of_the_addresses() {
    let narrow = ["c", "assemblyscript", "zig", "rust"];
    check(&narrow, "sizes", &["13", "4294967288"]);
    let wide = ["c-64", "c-64-newer"];
    check(&wide, "sizes", &["13", "18446744073709551608"]);
}

/// AssemblyScript runs top-level code in the start function. The memory exists then, but the
/// embedder has no `Instance` yet.
#[test]
fn the_start_function_may_call_host_functions() {
    let instance = prepared("assemblyscript").instantiate().unwrap();
    assert_eq!(instance.state::<Seen>().unwrap().0, ["started"]);
}

#[test]
fn a_guest_reads_and_writes_imported_globals() {
    let mut instance = instance("assemblyscript");
    instance.call::<(), ()>("imported_globals", ()).unwrap();
    assert_eq!(instance.global::<CALLS>(), Some(8));
}

/// The error that the embedder gets from a call.
fn error_of(guest: &'static str, export: &str) -> String {
    let error = instance(guest).call::<(), ()>(export, ()).unwrap_err();
    error.root_cause().to_string()
}

#[test]
fn a_failed_assertion_of_a_guest_is_an_error() {
    for guest in CS {
        let error = error_of(guest, "fails");
        let expected = "half_f64(3) == 1 in fails does not hold (c/numbers.c:";
        assert!(error.starts_with(expected), "{guest}: {error}");
    }
    let error = error_of("assemblyscript", "fails");
    assert!(
        error.starts_with("half of three (assemblyscript/guest.ts:"),
        "{error}"
    );
    let error = error_of("assemblyscript", "throws");
    assert!(
        error.starts_with("an error of the guest (assemblyscript/guest.ts:"),
        "{error}"
    );
    assert_eq!(error_of("zig", "fails"), "half of three");
    let error = error_of("rust", "fails");
    assert!(
        error.contains("half of three") && error.contains("rust/guest.rs:"),
        "{error}"
    );
}

#[test]
fn a_stale_handle_is_an_error() {
    for guest in C_LIKE {
        let error = instance(guest).call::<(), ()>("stale_handle", ());
        let error = error.unwrap_err();
        let bad = error.downcast_ref::<HandleError>();
        assert!(matches!(bad, Some(HandleError::Stale { .. })), "{error:?}");
    }
}

#[test]
fn a_failed_allocation_is_an_error() {
    for guest in CS {
        let error = error_of(guest, "failed_allocation");
        let expected =
            "the guest's `malloc` cannot allocate 8000 bytes: it returned a null pointer";
        assert_eq!(error, expected, "{guest}");
    }
}

#[test]
fn an_error_without_a_code_traps() {
    assert_eq!(error_of("c", "error_without_a_code"), "no answer");
}

#[test]
fn values_in_a_shared_memory_are_copied_but_not_borrowed() {
    let mut config = Config::new();
    config.shared_memory(true);
    let engine = Engine::new(&config).unwrap();
    let memory = SharedMemory::new(&engine, MemoryType::shared(2, 16)).unwrap();
    let runtime = runtime().engine(engine).provide("env", "memory", memory);
    let prepared = runtime.build().unwrap().load_file(path("c-threads"));
    let prepared = prepared.unwrap();
    let mut first = prepared.instantiate().unwrap();
    first.call::<(), ()>("shared_memory", ()).unwrap();
    let mut second = prepared.instantiate().unwrap();
    second.call::<(), ()>("second_instance", ()).unwrap();
    let error = second.call::<(), ()>("borrowed_text", ()).unwrap_err();
    let bad = error.downcast_ref::<ValueError>();
    assert!(
        matches!(bad, Some(ValueError::NoMemory(NoMemoryError::Shared))),
        "{error:?}"
    );
}

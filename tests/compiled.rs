//! Guests that compilers of C, AssemblyScript, Rust and Zig have made: what is natural in each of
//! these languages is what the host's functions take, and one function serves all of them.
//!
//! A test is named for a convention, and so is the function that every guest exports for it. Run
//! them with `cargo test -p host-tests --features compiled-guests --test compiled`.

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

/// Compiles the guests, once for all tests; the error says why that failed.
static COMPILED: LazyLock<Result<(), String>> = LazyLock::new(|| {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/build-compiled-guests");
    let output = Command::new("bash")
        .arg(&script)
        .output()
        .map_err(|error| format!("{} cannot be run by `bash`: {error}", script.display()))?;
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

/// A runtime with every function of `host`.
fn runtime() -> RuntimeBuilder {
    Runtime::builder()
        .state(Seen::default())
        .state_with(Handles::new)
}

/// The guests that have been compiled to machine code, which takes longer than all that they do.
static PREPARED: Mutex<BTreeMap<&str, InstancePre>> = Mutex::new(BTreeMap::new());

fn prepared(guest: &'static str) -> InstancePre {
    // A test that has failed meanwhile has left nothing half done here.
    let mut prepared = PREPARED.lock().unwrap_or_else(PoisonError::into_inner);
    let prepared = prepared.entry(guest);
    let prepare = || runtime().build().unwrap().load_file(path(guest)).unwrap();
    prepared.or_insert_with(prepare).clone()
}

fn instance(guest: &'static str) -> Instance {
    let mut instance = prepared(guest).instantiate().unwrap();
    // What it did when it was instantiated has a test of its own.
    instance.state_mut::<Seen>().unwrap().0.clear();
    instance
}

/// Every one of the guests passes its own checks, and the host sees what it should.
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
/// C, with memories of both widths.
const CS: &[&str] = &["c", "c-64", "c-64-newer"];
/// Those that have pointers and structs as C has them.
const C_LIKE: &[&str] = &["c", "c-64", "c-64-newer", "zig", "rust"];

/// The export called as the test is that calls it.
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
    out_buffer_that_is_asked_for: CS, [];
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
    // `c-64` has a table with 32-bit indices, `c-64-newer` one with 64-bit ones; both pass them as an `i64`.
    function_pointer: ALL, [];
    callback_that_grows_the_memory: C_LIKE, ["before: around", "f", "from within", "after: around"];
    handles: C_LIKE, [];

    text_in_room_of_the_guest: C_LIKE, [];
    text_in_room_and_in_a_number: &["c"], [];
    text_as_components_have_it: CS, [];
    text_as_bindgen_has_it: &["rust"], [];
    strings_of_the_host: &["assemblyscript"], [];
    numbers_in_room_of_the_guest: CS, [];
    result_codes: ALL, [];

    library: &["assemblyscript"], ["tracing: Some([1.5, -2.0])", "logged"];
}

/// AssemblyScript runs what is outside of functions in the start function, where the memory is
/// there and the instance is not.
#[test]
fn calls_from_the_start_function() {
    let instance = prepared("assemblyscript").instantiate().unwrap();
    assert_eq!(instance.state::<Seen>().unwrap().0, ["started"]);
}

#[test]
fn imported_globals() {
    let mut instance = instance("assemblyscript");
    instance.call::<(), ()>("imported_globals", ()).unwrap();
    assert_eq!(instance.global::<CALLS>(), Some(8));
}

/// What a guest finds to be wrong is the error that the embedder gets.
fn error_of(guest: &'static str, export: &str) -> String {
    let error = instance(guest).call::<(), ()>(export, ()).unwrap_err();
    error.root_cause().to_string()
}

#[test]
fn failed_assertions() {
    for guest in CS {
        let error = error_of(guest, "fails");
        let said = "half_f64(3) == 1 in fails does not hold (c/numbers.c:";
        assert!(error.starts_with(said), "{guest}: {error}");
    }
    let error = error_of("assemblyscript", "fails");
    assert!(
        error.starts_with("half of three (assemblyscript/guest.ts:"),
        "{error}"
    );
    let error = error_of("assemblyscript", "throws");
    assert!(
        error.starts_with("it cannot be (assemblyscript/guest.ts:"),
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
fn stale_handle() {
    for guest in C_LIKE {
        let error = instance(guest).call::<(), ()>("stale_handle", ());
        let error = error.unwrap_err();
        let bad = error.downcast_ref::<HandleError>();
        assert!(matches!(bad, Some(HandleError::Stale { .. })), "{error:?}");
    }
}

#[test]
fn room_that_is_not_there() {
    for guest in CS {
        let error = error_of(guest, "room_that_is_not_there");
        let said = "the guest's `malloc` cannot allocate 8000 bytes: it returned a null pointer";
        assert_eq!(error, said, "{guest}");
    }
}

#[test]
fn error_without_a_code() {
    assert_eq!(error_of("c", "error_without_a_code"), "no answer");
}

/// A memory that threads share is imported, and nothing is borrowed from it.
#[test]
fn shared_memory() {
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
    let error = second.call::<(), ()>("borrowed", ()).unwrap_err();
    let bad = error.downcast_ref::<ValueError>();
    assert!(
        matches!(bad, Some(ValueError::NoMemory(NoMemoryError::Shared))),
        "{error:?}"
    );
}

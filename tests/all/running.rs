//! Running modules: entry points, states, exports and threads.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use host_runtime::{
    Runtime,
    errors::{ExportError, MissingStateError},
    imports, wasm_import, wasmtime,
};

/// The numbers that host functions have recorded, in order.
#[derive(Clone, Default)]
struct Numbers(Arc<Mutex<Vec<i32>>>);

#[wasm_import(module = "ffi")]
fn say(#[state] numbers: &Numbers, x: i32) {
    numbers.0.lock().unwrap().push(x);
}

fn runtime(numbers: &Numbers) -> Runtime {
    Runtime::builder()
        .imports(imports![say])
        .state(numbers.clone())
        .build()
        .unwrap()
}

const GUEST: &str = r#"(module
    (import "ffi" "say" (func $say (param i32)))
    (func $first (call $say (i32.const 1)))
    (start $first)
    (func (export "_initialize") (call $say (i32.const 2)))
    (func (export "_start") (call $say (i32.const 3)))
    (func (export "more") (param i32) (call $say (local.get 0))))"#;

#[test]
fn run_calls_the_start_function_initialize_and_start_in_this_order() {
    let numbers = Numbers::default();
    runtime(&numbers).run(GUEST).unwrap();
    assert_eq!(*numbers.0.lock().unwrap(), [1, 2, 3]);
    numbers.0.lock().unwrap().clear();
    let mut instance = runtime(&numbers).instantiate(GUEST).unwrap();
    instance.call::<i32, ()>("more", 9).unwrap();
    assert_eq!(*numbers.0.lock().unwrap(), [1, 2, 9]);
}

#[test]
fn run_file_accepts_the_text_and_the_binary_format() {
    let numbers = Numbers::default();
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("life.wat");
    std::fs::write(&text, GUEST).unwrap();
    runtime(&numbers).run_file(&text).unwrap();
    let binary = directory.path().join("life.wasm");
    std::fs::write(&binary, wat::parse_str(GUEST).unwrap()).unwrap();
    runtime(&numbers).run_file(&binary).unwrap();
    assert_eq!(*numbers.0.lock().unwrap(), [1, 2, 3, 1, 2, 3]);
    let missing = directory.path().join("missing.wasm");
    let error = runtime(&numbers).run_file(&missing).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot read {}", missing.display())
    );
    std::fs::write(&text, "(module (fun))").unwrap();
    let error = runtime(&numbers).run_file(&text).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot load {}", text.display()));
}

#[test]
fn a_host_function_may_use_memory_while_the_start_function_runs() {
    #[wasm_import(module = "ffi")]
    fn log(#[state] numbers: &Numbers, text: &str) {
        numbers
            .0
            .lock()
            .unwrap()
            .push(i32::try_from(text.len()).unwrap());
    }
    let numbers = Numbers::default();
    let runtime = Runtime::builder()
        .imports(imports![log])
        .state(numbers.clone())
        .build()
        .unwrap();
    runtime
        .run(
            r#"(module
                (import "ffi" "log" (func $log (param i32 i32)))
                (memory (export "m") (data "hello"))
                (func $first (call $log (i32.const 0) (i32.const 5)))
                (start $first))"#,
        )
        .unwrap();
    assert_eq!(*numbers.0.lock().unwrap(), [5]);
}

#[test]
fn the_error_for_a_wrong_name_or_type_says_what_the_guest_exports() {
    let mut instance = runtime(&Numbers::default()).instantiate(GUEST).unwrap();
    let error = instance.call::<(), ()>("les", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ExportError>().unwrap().to_string(),
        "the guest exports no function `les`; it exports `_initialize`, `_start`, `more`"
    );
    let error = instance.func::<i64, ()>("more").unwrap_err();
    assert!(
        error.to_string().starts_with(
            "the guest's `more` is (func (param i32)), but it is used as (func (param i64))"
        ),
        "{error}"
    );
}

#[derive(Default)]
struct Own(u32);

#[wasm_import(module = "ffi")]
impl Own {
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

const NEXT: &str = r#"(module
    (import "ffi" "next" (func $next (result i32)))
    (func (export "next") (result i32) (call $next)))"#;

#[test]
fn each_instance_has_its_own_state() {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let prepared = Runtime::builder()
        .imports(imports![Own])
        .state_with(move || Own(100 * count.fetch_add(1, Ordering::Relaxed)))
        .build()
        .unwrap()
        .load(NEXT)
        .unwrap();
    let mut first = prepared.instantiate().unwrap();
    let mut second = prepared.instantiate().unwrap();
    let next = first.func::<(), i32>("next").unwrap();
    assert_eq!(next.call(&mut first, ()).unwrap(), 1);
    assert_eq!(next.call(&mut first, ()).unwrap(), 2);
    assert_eq!(second.call::<(), i32>("next", ()).unwrap(), 101);
    first.state_mut::<Own>().unwrap().0 = 40;
    assert_eq!(next.call(&mut first, ()).unwrap(), 41);
    assert_eq!(first.state::<Own>().unwrap().0, 41);
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[test]
fn a_state_that_is_promised_but_not_inserted_is_an_error() {
    let builder = Runtime::builder()
        .imports(imports![Own])
        .state_per_instance::<Own>();
    let prepared = builder.build().unwrap().load(NEXT).unwrap();
    let error = prepared.instantiate().unwrap_err();
    assert!(error.is::<MissingStateError>());
    assert_eq!(
        error.to_string(),
        "the host has no state `all::running::Own`; `state_per_instance` declares it: insert it \
         with `instantiate_with(|host| { host.insert(…); })`"
    );
    let mut instance = prepared
        .instantiate_with(|host| {
            host.insert(Own(6));
        })
        .unwrap();
    assert_eq!(instance.call::<(), i32>("next", ()).unwrap(), 7);
}

#[test]
fn several_threads_may_instantiate_one_module() {
    let numbers = Numbers::default();
    let prepared = runtime(&numbers).load(GUEST).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let prepared = &prepared;
            scope.spawn(move || {
                for i in 0..25 {
                    let mut instance = prepared.instantiate().unwrap();
                    instance
                        .call::<i32, ()>("more", 100 * (thread + 1) + i)
                        .unwrap();
                }
            });
        }
    });
    let mut numbers = numbers.0.lock().unwrap().clone();
    numbers.retain(|x| *x >= 100);
    numbers.sort_unstable();
    let all: Vec<_> = (1..=4)
        .flat_map(|thread| (0..25).map(move |i| 100 * thread + i))
        .collect();
    assert_eq!(numbers, all);
}

#[test]
fn a_runtime_uses_the_configuration_of_the_embedder() {
    let mut config = wasmtime::Config::new();
    config.consume_fuel(true);
    let runtime = Runtime::builder()
        .imports(imports![say])
        .state(Numbers::default());
    let runtime = runtime.config(config).build().unwrap();
    let error = runtime.run(GUEST).unwrap_err();
    assert_eq!(
        error.downcast_ref::<wasmtime::Trap>(),
        Some(&wasmtime::Trap::OutOfFuel)
    );
}

#[test]
fn a_function_may_borrow_several_states() {
    struct Left(i32);
    struct Right(i32);
    #[wasm_import(module = "ffi")]
    fn swap(
        #[state] left: &mut Left,
        by: i32,
        #[state] right: &mut Right,
        #[state] numbers: &Numbers,
    ) {
        std::mem::swap(&mut left.0, &mut right.0);
        left.0 += by;
        numbers.0.lock().unwrap().push(left.0);
    }
    let numbers = Numbers::default();
    let runtime = Runtime::builder()
        .imports(imports![swap])
        .state(numbers.clone())
        .state_with(|| Left(1))
        .state_with(|| Right(2))
        .build()
        .unwrap();
    let mut instance = runtime
        .instantiate(
            r#"(module (import "ffi" "swap" (func $swap (param i32)))
                (func (export "run") (param i32) (call $swap (local.get 0))))"#,
        )
        .unwrap();
    instance.call::<i32, ()>("run", 10).unwrap();
    assert_eq!(instance.state::<Left>().unwrap().0, 12);
    assert_eq!(instance.state::<Right>().unwrap().0, 1);
    assert_eq!(*numbers.0.lock().unwrap(), [12]);
}

//! Host data, references and instances in another store than their own, and host data that an
//! embedder takes out, replaces or renames exports in.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a host function that takes the `Guest` borrows nothing of it"
)]

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use host_runtime::{
    Callback, CallbackError, CallbackRef, Guest, HostData, Imports, MissingStateError,
    OtherEngineError, ProvidedImport, Runtime, ValueError, WrongStoreError, imports, wasm_import,
    wasmtime::{
        self, Caller, Engine, ExternRef, Func, FuncType, HeapType, Linker, MemoryType, Module,
        RefType, Rooted, SharedMemory, Store, StoreLimits, StoreLimitsBuilder, TableType, TagType,
        Val,
    },
};

#[wasm_import(module = "ffi")]
fn fill(out: &mut [u8]) {
    out.fill(7);
}

#[wasm_import(module = "ffi")]
fn call_back(mut guest: Guest<'_>, back: Callback<(), i32>) -> wasmtime::Result<i32> {
    guest.call(&back, ())
}

/// A guest whose callback returns `n`.
fn answers(n: i32) -> String {
    format!(
        r#"(module
            (import "ffi" "call_back" (func $call (param i32) (result i32)))
            (memory (export "memory") 1)
            (table (export "table") funcref (elem $answer))
            (func $answer (result i32) (i32.const {n}))
            (func (export "run") (result i32) (call $call (i32.const 0))))"#
    )
}

/// Runs such a guest in a store, by a linker of the embedder's.
fn run_answers(mut store: impl wasmtime::AsContextMut<Data = HostData>, n: i32) -> i32 {
    let mut store = store.as_context_mut();
    let mut linker = Linker::new(store.engine());
    imports![call_back]
        .add_to_linker(&mut linker, |host: &mut HostData| host)
        .unwrap();
    let module = Module::new(store.engine(), answers(n)).unwrap();
    let guest = linker.instantiate(&mut store, &module).unwrap();
    let run = guest.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap()
}

/// A runtime that lends the store to `make` when it is instantiated.
fn lends(
    engine: &Engine,
    make: impl Fn(wasmtime::StoreContextMut<'_, HostData>) + Send + Sync + 'static,
) {
    Runtime::builder()
        .engine(engine.clone())
        .imports(Imports::none())
        .provide_with("env", "n", move |store| {
            make(store);
            Ok(ProvidedImport::GlobalConst(1.into()))
        })
        .build()
        .unwrap()
        .instantiate(r#"(module (import "env" "n" (global i32)))"#)
        .unwrap();
}

#[test]
fn guests_that_are_made_while_another_is_linked_have_their_own_tables() {
    lends(&Engine::default(), |mut store| {
        for n in [1, 2] {
            assert_eq!(run_answers(&mut store, n), n);
        }
    });
}

#[test]
fn host_data_that_was_taken_out_while_a_guest_was_linked_knows_no_instance() {
    let taken: Arc<Mutex<Option<HostData>>> = Arc::default();
    let engine = Engine::default();
    let put = Arc::clone(&taken);
    lends(&engine, move |mut store| {
        *put.lock().unwrap() = Some(mem::take(store.data_mut()));
    });
    let mut host = taken.lock().unwrap().take().unwrap();
    for n in [1, 2] {
        let mut store = Store::new(&engine, host);
        for n in [n, n + 1] {
            assert_eq!(run_answers(&mut store, n), n);
        }
        host = store.into_data();
    }
}

#[test]
fn an_instance_whose_store_was_swapped_is_not_started() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let module = runtime
        .load(r#"(module (func (export "_start")))"#)
        .unwrap();
    let [mut a, mut b] = [(); 2].map(|()| module.instantiate().unwrap());
    mem::swap(a.store_mut(), b.store_mut());
    let error = a.start().unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&WrongStoreError::Replaced));
}

#[test]
fn an_instance_of_another_engine_is_not_joined() {
    let [mut first, other] = [(); 2].map(|()| {
        let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
        runtime.instantiate("(module)").unwrap()
    });
    let runtime = Runtime::builder()
        .engine(other.engine().clone())
        .imports(Imports::none())
        .build()
        .unwrap();
    let error = runtime
        .load("(module)")
        .unwrap()
        .instantiate_in(&mut first)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the instance was made by a runtime of another engine; give both runtimes one engine, by \
         `Runtime::builder().engine(first.engine().clone())`"
    );
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Option<CallbackRef<(), i32>>>>);

#[wasm_import(module = "ffi")]
fn keep(#[state] kept: &Kept, callback: CallbackRef<(), i32>) {
    *kept.0.lock().unwrap() = Some(callback);
}

#[wasm_import(module = "ffi")]
fn call_kept(mut guest: Guest<'_>) -> wasmtime::Result<i32> {
    let kept = guest.state::<Kept>().unwrap().0.lock().unwrap().unwrap();
    guest.call(&kept, ())
}

#[test]
fn a_callback_of_another_store_is_not_called() {
    let runtime = Runtime::builder()
        .imports(imports![keep, call_kept])
        .state(Kept::default())
        .build()
        .unwrap();
    let module = runtime
        .load(
            r#"(module
                (import "ffi" "keep" (func $keep (param funcref)))
                (import "ffi" "call_kept" (func $call (result i32)))
                (elem declare func $one)
                (func $one (result i32) (i32.const 1))
                (func (export "keep") (call $keep (ref.func $one)))
                (func (export "call") (result i32) (call $call)))"#,
        )
        .unwrap();
    let [mut own, mut other] = [(); 2].map(|()| module.instantiate().unwrap());
    own.call::<(), ()>("keep", ()).unwrap();
    for _ in 0..2 {
        assert_eq!(own.call::<(), i32>("call", ()).unwrap(), 1);
    }
    let error = other.call::<(), i32>("call", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref(),
        Some(&ValueError::Callback(CallbackError::OtherStore))
    );
}

#[derive(Clone, Default)]
struct References {
    func: Arc<Mutex<Option<Func>>>,
    object: Arc<Mutex<Option<Rooted<ExternRef>>>>,
}

#[wasm_import(module = "ffi")]
fn func(#[state] references: &References) -> Option<Func> {
    *references.func.lock().unwrap()
}

#[wasm_import(module = "ffi")]
fn object(#[state] references: &References) -> Option<Rooted<ExternRef>> {
    *references.object.lock().unwrap()
}

#[wasm_import(module = "ffi")]
static HOOK: Option<Func> = None;

#[wasm_import(module = "ffi")]
fn set_hook(mut guest: Guest<'_>) -> wasmtime::Result<()> {
    let func = *guest.state::<References>().unwrap().func.lock().unwrap();
    guest.set_global::<HOOK>(func)
}

#[test]
fn a_reference_of_another_store_is_an_error() {
    let references = References::default();
    let runtime = Runtime::builder()
        .imports(imports![func, object, HOOK, set_hook])
        .state(references.clone())
        .build()
        .unwrap();
    let module = r#"(module
        (import "ffi" "func" (func $func (result funcref)))
        (import "ffi" "object" (func $object (result externref)))
        (import "ffi" "set_hook" (func $set_hook))
        (import "ffi" "HOOK" (global (mut funcref)))
        (func (export "nothing"))
        (func (export "func") (drop (call $func)))
        (func (export "object") (drop (call $object)))
        (func (export "hook") (call $set_hook)))"#;
    let [mut own, mut other] = [(); 2].map(|()| runtime.instantiate(module).unwrap());
    let raw = own.raw();
    let func = raw.get_func(own.store_mut(), "nothing");
    *references.func.lock().unwrap() = func;
    let object = ExternRef::new(own.store_mut(), 1_u8).unwrap();
    *references.object.lock().unwrap() = Some(object);
    for name in ["func", "object", "hook"] {
        own.call::<(), ()>(name, ()).unwrap();
        let error = other.call::<(), ()>(name, ()).unwrap_err();
        assert_eq!(
            error.downcast_ref(),
            Some(&ValueError::OtherStore),
            "{name}"
        );
    }
    for (value, ty) in [
        (Val::FuncRef(func), "funcref"),
        (Val::ExternRef(Some(object)), "externref"),
    ] {
        let provided = Runtime::builder()
            .engine(other.engine().clone())
            .imports(Imports::none())
            .provide("env", "g", ProvidedImport::GlobalConst(value))
            .build()
            .unwrap();
        let error = provided
            .instantiate(format!(r#"(module (import "env" "g" (global {ty})))"#))
            .unwrap_err();
        assert!(
            matches!(
                error.downcast_ref(),
                Some(WrongStoreError::ProvidedImport { .. })
            ),
            "{error:#}"
        );
    }
}

#[test]
fn what_is_provided_of_another_engine_is_named() {
    let mut config = wasmtime::Config::new();
    config
        .wasm_threads(true)
        .shared_memory(true)
        .wasm_exceptions(true);
    let other = Engine::new(&config).unwrap();
    let ty = FuncType::new(&other, [], []);
    let concrete = RefType::new(true, HeapType::ConcreteFunc(ty.clone()));
    let memory = SharedMemory::new(&other, MemoryType::shared(1, 1)).unwrap();
    let cases: [(&str, ProvidedImport, &str); 3] = [
        ("tag", TagType::new(ty).into(), "(tag)"),
        (
            "table",
            TableType::new(concrete, 1, None).into(),
            "(table 1 (ref null $t))",
        ),
        ("memory", memory.into(), "(memory 1 1 shared)"),
    ];
    for (name, provided, import) in cases {
        let runtime = Runtime::builder()
            .config(config.clone())
            .imports(Imports::none())
            .provide("env", name, provided)
            .build();
        let module = format!(r#"(module (type $t (func)) (import "env" "{name}" {import}))"#);
        let error = runtime
            .and_then(|runtime| runtime.instantiate(module).map(drop))
            .unwrap_err();
        let import = format!("`env.{name}`");
        assert_eq!(
            error.downcast_ref(),
            Some(&OtherEngineError::ProvidedImport { import })
        );
    }
}

// ---- Host data that is not where it was

struct App {
    host: HostData,
    taken: Option<HostData>,
}

impl App {
    fn new(host: HostData) -> Self {
        Self { host, taken: None }
    }
}

#[wasm_import(module = "ffi")]
fn copies(mut guest: Guest<'_>, text: String, back: Callback<(), ()>) -> wasmtime::Result<u32> {
    guest.call(&back, ())?;
    Ok(u32::try_from(text.len())?)
}

#[wasm_import(module = "ffi")]
fn take(mut caller: Caller<'_, App>) {
    let app = caller.data_mut();
    app.taken = Some(mem::take(&mut app.host));
}

#[test]
fn host_data_that_is_taken_out_during_a_call_has_its_budget_and_depth_back() {
    let engine = Engine::default();
    let mut linker = Linker::<App>::new(&engine);
    imports![copies, take]
        .add_to_linker(&mut linker, |app: &mut App| &mut app.host)
        .unwrap();
    let module = Module::new(
        &engine,
        r#"(module
            (import "ffi" "copies" (func $copies (param i32 i32 i32) (result i32)))
            (import "ffi" "take" (func $take))
            (memory (export "memory") 1)
            (table (export "table") funcref (elem $take $nothing))
            (func $nothing)
            (func (export "run") (param i32) (result i32)
                (call $copies (i32.const 0) (i32.const 600) (local.get 0))))"#,
    )
    .unwrap();
    let mut host = HostData::new();
    host.set_copy_budget(1000);
    host.set_call_depth(1);
    let mut store = Store::new(&engine, App::new(host));
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .unwrap();
    assert_eq!(run.call(&mut store, 0).unwrap(), 600);
    store.data_mut().host = store.data_mut().taken.take().unwrap();
    for _ in 0..2 {
        assert_eq!(run.call(&mut store, 1).unwrap(), 600);
    }
}

#[wasm_import(module = "ffi")]
fn take_and_panic(mut caller: Caller<'_, Option<HostData>>) -> i32 {
    caller.data_mut().take();
    panic!("the host function panics")
}

/// A second panic while the first unwinds would abort the process.
#[test]
fn a_panic_unwinds_also_where_the_host_data_is_gone() {
    let engine = Engine::default();
    let mut linker = Linker::<Option<HostData>>::new(&engine);
    imports![call_back, take_and_panic]
        .add_to_linker(&mut linker, |host: &mut Option<HostData>| {
            host.as_mut().expect("there is host data")
        })
        .unwrap();
    let module = r#"(module
        (import "ffi" "call_back" (func $call (param i32) (result i32)))
        (import "ffi" "take_and_panic" (func $take (result i32)))
        (memory (export "memory") 1)
        (table (export "table") funcref (elem $take))
        (func (export "run") (result i32) (call $call (i32.const 0))))"#;
    let module = Module::new(&engine, module).unwrap();
    let mut store = Store::new(&engine, Some(HostData::new()));
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<(), i32>(&mut store, "run")
        .unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the host function panics"),);
}

/// It gives one of two host data in turn, the second of which knows another store.
#[test]
fn a_projection_may_give_other_host_data_at_any_time() {
    struct Two {
        hosts: [HostData; 2],
        asked: usize,
        from: usize,
    }
    let engine = Engine::default();
    let mut linker = Linker::<Two>::new(&engine);
    imports![call_back]
        .add_to_linker(&mut linker, |two: &mut Two| {
            two.asked += 1;
            &mut two.hosts[usize::from(two.asked >= two.from)]
        })
        .unwrap();
    let module = Module::new(&engine, answers(5)).unwrap();
    let in_store = |hosts, from| {
        let two = Two {
            hosts,
            asked: 0,
            from: usize::MAX,
        };
        let mut store = Store::new(&engine, two);
        let guest = linker.instantiate(&mut store, &module).unwrap();
        let run = guest.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        run.call(&mut store, ()).unwrap();
        store.data_mut().from = from;
        store.data_mut().asked = 0;
        assert_eq!(run.call(&mut store, ()).unwrap(), 5, "from {from} on");
        store.into_data().hosts
    };
    for from in 0..40 {
        let [_, known] = in_store([HostData::new(), HostData::new()], 0);
        in_store([HostData::new(), known], from);
    }
}

struct Counter(u32);

#[wasm_import(module = "ffi")]
fn up(#[state] counter: &mut Counter) -> u32 {
    counter.0 += 1;
    counter.0
}

#[wasm_import(module = "ffi")]
fn take_own(mut caller: Caller<'_, HostData>) {
    mem::take(caller.data_mut());
}

#[test]
fn a_state_that_was_taken_out_is_an_error_of_the_call() {
    let runtime = Runtime::builder()
        .imports(imports![up, take_own])
        .state_with(|| Counter(0))
        .build()
        .unwrap();
    let module = r#"(module
        (import "ffi" "up" (func $up (result i32)))
        (import "ffi" "take_own" (func $take))
        (func (export "up") (result i32) (call $up))
        (func (export "take") (result i32) (call $take) (call $up)))"#;
    let mut guest = runtime.instantiate(module).unwrap();
    mem::take(guest.store_mut().data_mut());
    let error = guest.call::<(), u32>("up", ()).unwrap_err();
    assert!(error.is::<MissingStateError>(), "{error:#}");
    // In the midst of a call.
    let mut guest = runtime.instantiate(module).unwrap();
    let error = guest.call::<(), u32>("take", ()).unwrap_err();
    assert!(error.is::<MissingStateError>(), "{error:#}");
}

struct Limits(StoreLimits);

#[wasm_import(module = "ffi")]
fn size(mut guest: Guest<'_>) -> wasmtime::Result<i32> {
    Ok(i32::try_from(guest.memory(|memory| memory.size())?)?)
}

/// What the store has for calls of the host is used again, so that it does not fill up.
#[test]
fn a_store_may_get_new_host_data_for_each_request() {
    struct Requests {
        host: HostData,
        limits: StoreLimits,
    }
    let engine = Engine::default();
    let mut linker = Linker::<Requests>::new(&engine);
    imports![call_back, size]
        .add_to_linker(&mut linker, |requests: &mut Requests| &mut requests.host)
        .unwrap();
    let module = r#"(module
        (import "ffi" "call_back" (func $call (param i32) (result i32)))
        (import "ffi" "size" (func $size (result i32)))
        (memory (export "memory") 1)
        (table (export "table") funcref (elem $size))
        (func (export "run") (result i32) (call $call (i32.const 0))))"#;
    let module = Module::new(&engine, module).unwrap();
    let limits = StoreLimitsBuilder::new().instances(2).build();
    let host = HostData::new();
    let mut store = Store::new(&engine, Requests { host, limits });
    store.limiter(|requests| &mut requests.limits);
    let guest = linker.instantiate(&mut store, &module).unwrap();
    let run = guest.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    for _ in 0..9 {
        store.data_mut().host = HostData::new();
        assert_eq!(run.call(&mut store, ()).unwrap(), 65536);
    }
}

#[wasm_import(module = "ffi")]
static LEVEL: i32 = 3;

#[wasm_import(module = "ffi")]
fn raise(mut guest: Guest<'_>) -> wasmtime::Result<()> {
    let level = guest.global::<LEVEL>().unwrap_or(-1);
    guest.set_global::<LEVEL>(level + 1)
}

#[test]
fn host_data_that_forgets_its_guests_still_knows_their_globals() {
    let runtime = Runtime::builder()
        .imports(imports![LEVEL, raise])
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "LEVEL" (global $level (mut i32)))
                (import "ffi" "raise" (func $raise))
                (func (export "run") (result i32) (call $raise) (global.get $level)))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 4);
    guest.store_mut().data_mut().forget_guests();
    assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 5);
    *guest.store_mut().data_mut() = HostData::new();
    let error = guest.call::<(), i32>("run", ()).unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("no guest of the store imports `ffi.LEVEL`"),
        "{error}"
    );
    assert!(
        error.contains("or the `HostData` that knew of it was replaced"),
        "{error}"
    );
}

// ---- Names of memories

const TWO_MEMORIES: &str = r#"(module
    (import "ffi" "fill" (func $fill (param i32 i32)))
    (memory $memory (export "memory") 1)
    (memory $heap (export "heap") 1)
    (func (export "fill") (call $fill (i32.const 0) (i32.const 4)))
    (func (export "of_memory") (result i32) (i32.load8_u $memory (i32.const 0)))
    (func (export "of_heap") (result i32) (i32.load8_u $heap (i32.const 0))))"#;

#[test]
fn the_memory_that_is_named_for_one_instance_stays_its_memory() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    for lent in [false, true] {
        let module = runtime.load(TWO_MEMORIES).unwrap();
        let mut guest = module
            .instantiate_with(|host| host.set_memory_name("heap"))
            .unwrap();
        if lent {
            guest.store_mut();
        }
        guest.call::<(), ()>("fill", ()).unwrap();
        assert_eq!(guest.call::<(), i32>("of_heap", ()).unwrap(), 7, "{lent}");
        assert_eq!(guest.read(0, 1).unwrap(), [7], "{lent}");
    }
}

#[test]
fn the_memory_that_host_data_names_is_the_one_from_then_on() {
    let engine = Engine::default();
    let module = Module::new(&engine, TWO_MEMORIES).unwrap();
    for for_module in [false, true] {
        let mut linker = Linker::<HostData>::new(&engine);
        if for_module {
            imports![fill]
                .add_to_linker_for(&module, &mut linker, |host| host)
                .unwrap();
        } else {
            imports![fill]
                .add_to_linker(&mut linker, |host| host)
                .unwrap();
        }
        let mut host = HostData::new();
        host.set_memory_name("heap");
        let mut store = Store::new(&engine, host);
        let guest = linker.instantiate(&mut store, &module).unwrap();
        let fill = guest.get_typed_func::<(), ()>(&mut store, "fill").unwrap();
        for (memory, name) in [("heap", "of_heap"), ("memory", "of_memory")] {
            store.data_mut().set_memory_name(memory);
            let first = guest.get_typed_func::<(), i32>(&mut store, name).unwrap();
            assert_eq!(first.call(&mut store, ()).unwrap(), 0);
            fill.call(&mut store, ()).unwrap();
            assert_eq!(
                first.call(&mut store, ()).unwrap(),
                7,
                "{memory} {for_module}"
            );
        }
    }
}

// ---- A store without room for one more instance

struct Calls(u64);
struct Back(Option<CallbackRef<u32, u32>>);

#[wasm_import(module = "ffi")]
fn register(#[state] back: &mut Back, callback: CallbackRef<u32, u32>) {
    back.0 = Some(callback);
}

/// Calls itself, by way of the guest, with a large frame.
#[wasm_import(module = "ffi")]
fn again(mut guest: Guest<'_>, x: u32) -> wasmtime::Result<u32> {
    let frame = std::hint::black_box([0_u8; 16384]);
    guest.state::<Calls>().unwrap().0 += 1;
    let back = guest.state::<Back>().unwrap().0.unwrap();
    guest.call(&back, x + u32::from(frame[0]))
}

/// Without a function in WebAssembly between them, host functions that call each other would
/// overflow the native stack.
#[test]
fn host_functions_that_call_each_other_end_also_without_room_for_another_instance() {
    let runtime = Runtime::builder()
        .imports(imports![again, register])
        .state_with(|| Calls(0))
        .state_with(|| Back(None))
        .state_with(|| Limits(StoreLimitsBuilder::new().instances(1).build()))
        .configure_store(|store| {
            store.limiter(|host| &mut host.state_mut::<Limits>().unwrap().0);
            Ok(())
        })
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "register" (func $register (param funcref)))
                (elem declare func $again)
                (import "ffi" "again" (func $again (param i32) (result i32)))
                (export "again" (func $again))
                (func (export "run") (result i32)
                    (call $register (ref.func $again))
                    (call $again (i32.const 1))))"#,
        )
        .unwrap();
    let error = guest.call::<(), u32>("run", ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::StackOverflow));
    let calls = guest.state::<Calls>().unwrap().0;
    assert!((2..100).contains(&calls), "{calls}");
}

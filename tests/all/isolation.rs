//! A host function works on the memory, the table and the state of the instance that calls it, and
//! on nothing that belongs to another instance or another store.

#![expect(
    clippy::needless_pass_by_value,
    reason = "host functions get by value what is copied"
)]

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use host_runtime::{
    Callback, ExportError, Guest, GuestCallError, HostData, Imports, InstancePre, NoMemoryError,
    ProvidedImport, ReservedExportError, Runtime, RuntimeBuilder, ValueError, WrongStoreError,
    imports, wasm_import,
    wasmtime::{
        self, Caller, Config, Engine, Extern, Linker, MemoryType, Module, SharedMemory, Store,
        TableType, Trap, UpdateDeadline,
    },
};

/// Fills the guest's memory.
#[wasm_import(module = "ffi")]
fn fill(out: &mut [u8]) {
    out.fill(7);
}

/// A guest that imports its memory and does not export it, and has the host fill four bytes of it.
const FILLS: &str = r#"(module
    (import "env" "memory" (memory 0))
    (import "ffi" "fill" (func $fill (param i32 i32)))
    (func (export "grow") (drop (memory.grow (i32.const 1))))
    (func (export "fill") (call $fill (i32.const 0) (i32.const 4)))
    (func (export "first") (result i32) (i32.load8_u (i32.const 0))))"#;

fn builder(engine: &Engine) -> RuntimeBuilder {
    Runtime::builder()
        .engine(engine.clone())
        .imports(imports![fill])
}

/// An engine whose memories of no bytes all have one address.
fn engine_without_reservation() -> Engine {
    let mut config = Config::new();
    config.memory_reservation(0).memory_guard_size(0);
    config.memory_reservation_for_growth(0);
    Engine::new(&config).unwrap()
}

#[test]
fn two_guests_of_one_module_with_empty_memories() {
    let engine = engine_without_reservation();
    let runtime = builder(&engine).provide("env", "memory", MemoryType::new(0, None));
    let runtime = runtime.build().unwrap();
    let mut first = runtime.instantiate("(module)").unwrap();
    let guests = runtime.load(FILLS).unwrap();
    let [a, b] = [(); 2].map(|()| guests.instantiate_in(&mut first).unwrap());
    for guest in [a, b] {
        guest.call::<(), ()>(&mut first, "grow", ()).unwrap();
    }
    b.call::<(), ()>(&mut first, "fill", ()).unwrap();
    assert_eq!(a.call::<(), i32>(&mut first, "first", ()).unwrap(), 0);
    assert_eq!(b.call::<(), i32>(&mut first, "first", ()).unwrap(), 7);
}

/// A guest that puts a function into a table of another one's, and traps at its start.
#[test]
fn a_guest_that_failed_to_join() {
    let engine = Engine::default();
    let owner = builder(&engine)
        .provide(
            "env",
            "table",
            TableType::new(wasmtime::RefType::FUNCREF, 1, None),
        )
        .build()
        .unwrap();
    let mut owner = owner
        .instantiate(
            r#"(module
                (import "env" "table" (table 1 funcref))
                (func (export "run") (call_indirect (i32.const 0))))"#,
        )
        .unwrap();
    let table = owner.provided("env", "table").unwrap();
    let plugins = builder(&engine)
        .provide("env", "table", table)
        .provide("env", "memory", MemoryType::new(1, None))
        .provide("env", "fails", ProvidedImport::GlobalConst(1.into()))
        .build()
        .unwrap();
    let failing = plugins
        .load(
            r#"(module
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 1 funcref))
                (import "ffi" "fill" (func $fill (param i32 i32)))
                (elem (table 0) (i32.const 0) func $f)
                (func $f (call $fill (i32.const 0) (i32.const 4)))
                (func $start unreachable)
                (start $start))"#,
        )
        .unwrap();
    let fills = plugins.load(FILLS).unwrap();
    // In either order.
    let before = fills.instantiate_in(&mut owner).unwrap();
    failing.instantiate_in(&mut owner).unwrap_err();
    let after = fills.instantiate_in(&mut owner).unwrap();
    owner.call::<(), ()>("run", ()).unwrap();
    for guest in [before, after] {
        assert_eq!(guest.call::<(), i32>(&mut owner, "first", ()).unwrap(), 0);
    }
}

/// Another instance of a prepared module, in a store that the embedder has got hold of.
fn instantiate_again(
    store: impl wasmtime::AsContextMut<Data = HostData>,
    module: &Module,
) -> wasmtime::Instance {
    let mut store = store;
    let mut linker = Linker::new(module.engine());
    imports![fill]
        .add_to_linker(&mut linker, |host: &mut HostData| host)
        .unwrap();
    let memory = wasmtime::Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    linker.define(&store, "env", "memory", memory).unwrap();
    linker.instantiate(&mut store, module).unwrap()
}

fn call(store: &mut Store<HostData>, guest: wasmtime::Instance, name: &str) {
    let func = guest.get_typed_func::<(), ()>(&mut *store, name).unwrap();
    func.call(store, ()).unwrap();
}

fn first_byte(store: &mut Store<HostData>, guest: wasmtime::Instance) -> i32 {
    let func = guest
        .get_typed_func::<(), i32>(&mut *store, "first")
        .unwrap();
    func.call(store, ()).unwrap()
}

#[test]
fn an_instance_that_the_embedder_adds_to_the_store() {
    let runtime = builder(&Engine::default()).provide("env", "memory", MemoryType::new(1, None));
    let prepared = runtime.build().unwrap().load(FILLS).unwrap();
    let mut own = prepared.instantiate().unwrap();
    own.call::<(), ()>("fill", ()).unwrap();
    own.write(0, &[0; 4]).unwrap();
    let other = instantiate_again(own.store_mut(), prepared.module());
    call(own.store_mut(), other, "fill");
    assert_eq!(own.call::<(), i32>("first", ()).unwrap(), 0);
    assert_eq!(first_byte(own.store_mut(), other), 7);
}

#[test]
fn an_instance_that_an_epoch_callback_adds_to_the_store() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let added = Arc::new(Mutex::new(None));
    let module: Arc<Mutex<Option<Module>>> = Arc::default();
    let runtime = {
        let (added, module) = (Arc::clone(&added), Arc::clone(&module));
        Runtime::builder()
            .config(config)
            .imports(imports![fill])
            .provide("env", "memory", MemoryType::new(1, None))
            .configure_store(move |store| {
                let (added, module) = (Arc::clone(&added), Arc::clone(&module));
                store.set_epoch_deadline(1);
                store.epoch_deadline_callback(move |store| {
                    let module = module.lock().unwrap().take();
                    if let Some(module) = module {
                        *added.lock().unwrap() = Some(instantiate_again(store, &module));
                    }
                    Ok(UpdateDeadline::Continue(1_000_000))
                });
                Ok(())
            })
            .build()
            .unwrap()
    };
    let prepared = runtime.load(FILLS).unwrap();
    let mut own = prepared.instantiate().unwrap();
    *module.lock().unwrap() = Some(prepared.module().clone());
    runtime.engine().increment_epoch();
    own.call::<(), i32>("first", ()).unwrap();
    let other = added.lock().unwrap().expect("the callback has run");
    call(own.store_mut(), other, "fill");
    assert_eq!(own.call::<(), i32>("first", ()).unwrap(), 0);
}

/// What the runtime has not compiled it has not rewritten: its memory is known while it is alone.
#[test]
fn a_module_that_the_embedder_compiled() {
    let engine = Engine::default();
    let runtime = builder(&engine).provide("env", "memory", MemoryType::new(1, None));
    let module = Module::new(&engine, FILLS).unwrap();
    let prepared = runtime.build().unwrap().instantiate_pre(&module).unwrap();
    let mut guest = prepared.instantiate().unwrap();
    guest.call::<(), ()>("fill", ()).unwrap();
    assert_eq!(guest.call::<(), i32>("first", ()).unwrap(), 7);
    guest.store_mut();
    let error = guest.call::<(), ()>("fill", ()).unwrap_err();
    let reason: &ValueError = error.downcast_ref().unwrap();
    assert_eq!(*reason, ValueError::NoMemory(NoMemoryError::ImportedOnly));
    assert_eq!(
        reason.to_string(),
        "the guest imports its memory and does not export it, and the store may hold other \
         instances; load the module by `Runtime::load` in place of `Runtime::instantiate_pre`, or \
         export the memory"
    );
    // It is still that of the instance.
    assert_eq!(guest.read(0, 4).unwrap(), [7; 4]);
}

#[test]
fn a_memory_that_nobody_exports() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "fill" (func $fill (param i32 i32)))
                (memory 1)
                (func (export "fill") (call $fill (i32.const 0) (i32.const 4))))"#,
        )
        .unwrap();
    for _ in 0..2 {
        guest.call::<(), ()>("fill", ()).unwrap();
        assert_eq!(guest.read(0, 4).unwrap(), [7; 4]);
        guest.write(0, &[0; 4]).unwrap();
        guest.store_mut();
    }
}

#[test]
fn a_module_that_uses_a_reserved_name() {
    let runtime = Runtime::builder().imports(Imports::none()).build().unwrap();
    let error = runtime
        .load(r#"(module (memory (export "host-runtime:memory") 1))"#)
        .unwrap_err();
    assert!(error.is::<ReservedExportError>());
    assert!(error.to_string().contains("rename the export"), "{error}");
}

/// Reserved exports are not listed where a user reads what a guest exports.
#[test]
fn reserved_exports_are_not_shown() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let guest = r#"(module
        (import "ffi" "fill" (func (param i32 i32)))
        (memory (export "a") 1)
        (func (export "run")))"#;
    let mut guest = runtime.instantiate(guest).unwrap();
    let error = guest.func::<(), ()>("gone").unwrap_err();
    assert!(!error.to_string().contains("host-runtime:"), "{error}");
}

#[test]
fn errors_in_a_module_are_where_they_were() {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let module = wat::parse_str(
        r#"(module
            (import "ffi" "fill" (func (param i32 i32)))
            (memory 1)
            (func (export "run") (result i32) (i64.const 0)))"#,
    )
    .unwrap();
    let said = format!(
        "{:#}",
        Module::validate(runtime.engine(), &module).unwrap_err()
    );
    let error = format!("{:#}", runtime.load(&module).unwrap_err());
    assert!(error.contains(&said), "{error} does not say {said}");
}

/// Host data that is taken out of one store and put into another, whose module has no memory.
#[test]
fn host_data_that_changes_stores() {
    let mut config = Config::new();
    config.wasm_threads(true).shared_memory(true);
    let engine = Engine::new(&config).unwrap();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let shared = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![write])
        .provide("env", "memory", memory.clone());
    let module = r#"(module
        (import "env" "memory" (memory 1 1 shared))
        (import "ffi" "write" (func $write (param i32)))
        (func (export "run") (call $write (i32.const 0))))"#;
    let mut first = shared.build().unwrap().instantiate(module).unwrap();
    first.call::<(), ()>("run", ()).unwrap();
    let host = mem::take(first.store_mut().data_mut());

    let other = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![write]);
    let mut second = other
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "ffi" "write" (func $write (param i32)))
                (func (export "run") (call $write (i32.const 0))))"#,
        )
        .unwrap();
    *second.store_mut().data_mut() = host;
    let error = second.call::<(), ()>("run", ()).unwrap_err();
    let reason: &ValueError = error.downcast_ref().unwrap();
    assert_eq!(*reason, ValueError::NoMemory(NoMemoryError::NoneExported));
    // And the first goes on.
    first.call::<(), ()>("run", ()).unwrap();
}

#[wasm_import(module = "ffi")]
fn write(mut guest: Guest<'_>, at: host_runtime::GuestPointer<u32>) -> Result<(), ValueError> {
    at.write(&mut guest, 7)
}

/// The embedder's projection puts other host data in the place of the one that a call uses.
#[test]
fn a_projection_that_replaces_the_host_data() {
    struct App {
        host: HostData,
        projections: u32,
    }
    struct Counter(u32);
    fn project(app: &mut App) -> &mut HostData {
        app.projections += 1;
        app.host = HostData::new();
        if app.projections.is_multiple_of(2) {
            app.host.insert(Counter(0));
        }
        &mut app.host
    }
    #[wasm_import(module = "ffi")]
    fn count(#[state] counter: &mut Counter, text: &str) -> u32 {
        counter.0 += u32::try_from(text.len()).unwrap();
        counter.0
    }
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![count].add_to_linker(&mut linker, project).unwrap();
    let app = App {
        host: HostData::new(),
        projections: 0,
    };
    let mut store = Store::new(&engine, app);
    let module = Module::new(
        &engine,
        r#"(module
            (import "ffi" "count" (func $count (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func (export "run") (result i32) (call $count (i32.const 0) (i32.const 3))))"#,
    );
    let instance = linker.instantiate(&mut store, &module.unwrap()).unwrap();
    let run = instance
        .get_typed_func::<(), u32>(&mut store, "run")
        .unwrap();
    for _ in 0..6 {
        // Either it is there for the call or the call fails.
        match run.call(&mut store, ()) {
            Ok(count) => assert_eq!(count, 3),
            Err(error) => assert!(error.is::<host_runtime::MissingStateError>(), "{error:?}"),
        }
    }
}

/// Recycled host data knows nothing of the store that it was in.
#[test]
fn globals_of_a_store_that_is_gone() {
    #[wasm_import(module = "ffi")]
    static LEVEL: i32 = 3;
    #[wasm_import(module = "ffi")]
    fn level(mut guest: Guest<'_>) -> i32 {
        guest.global::<LEVEL>().unwrap_or(-1)
    }
    struct App {
        host: Box<HostData>,
    }
    fn project(app: &mut App) -> &mut HostData {
        &mut app.host
    }
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "ffi" "level" (func $level (result i32)))
            (func (export "run") (result i32) (call $level)))"#,
    )
    .unwrap();
    let mut host = Box::new(HostData::new());
    for with_global in [true, false, true, false, false] {
        let mut linker = Linker::new(&engine);
        imports![level].add_to_linker(&mut linker, project).unwrap();
        let mut store = Store::new(&engine, App { host });
        if with_global {
            imports![LEVEL]
                .add_globals_to_linker(&mut linker, &mut store, project)
                .unwrap();
        }
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance
            .get_typed_func::<(), i32>(&mut store, "run")
            .unwrap();
        let expected = if with_global { 3 } else { -1 };
        assert_eq!(run.call(&mut store, ()).unwrap(), expected);
        host = store.into_data().host;
    }
}

fn counter() -> (Runtime, InstancePre) {
    let runtime = Runtime::builder().imports(imports![fill]).build().unwrap();
    let prepared = runtime.load(
        r#"(module
            (import "ffi" "fill" (func (param i32 i32)))
            (memory (export "memory") 1)
            (func (export "run") (result i32) (i32.const 1)))"#,
    );
    (runtime, prepared.unwrap())
}

#[test]
fn a_function_of_another_instance() {
    let (_, prepared) = counter();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    let run = a.func::<(), i32>("run").unwrap();
    assert_eq!(run.call(&mut a, ()).unwrap(), 1);
    let error = run.call(&mut b, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&WrongStoreError::OtherInstance));
    let joined = prepared.instantiate_in(&mut a).unwrap();
    assert_eq!(joined.call::<(), i32>(&mut a, "run", ()).unwrap(), 1);
    let error = joined.func::<(), i32>(&mut b, "run").unwrap_err();
    assert_eq!(
        error,
        ExportError::WrongStore(WrongStoreError::OtherInstance)
    );
}

#[test]
fn stores_that_are_swapped() {
    let (_, prepared) = counter();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    let run = a.func::<(), i32>("run").unwrap();
    mem::swap(a.store_mut(), b.store_mut());
    let error = run.call(&mut a, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&WrongStoreError::Replaced));
    let error = b.func::<(), i32>("run").unwrap_err();
    assert_eq!(error, ExportError::WrongStore(WrongStoreError::Replaced));
    assert_eq!(
        a.read(0, 1),
        Err(ValueError::NoMemory(NoMemoryError::StoreReplaced))
    );
    assert!(prepared.instantiate_in(&mut a).is_err());
    mem::swap(a.store_mut(), b.store_mut());
    assert_eq!(run.call(&mut a, ()).unwrap(), 1);
    // A new store in its place, wherever that is.
    for _ in 0..4 {
        let engine = a.engine().clone();
        *a.store_mut() = Store::new(&engine, HostData::new());
        assert!(run.call(&mut a, ()).is_err());
    }
}

#[test]
fn host_data_that_is_swapped_between_instances() {
    let (_, prepared) = counter();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    mem::swap(a.store_mut().data_mut(), b.store_mut().data_mut());
    for guest in [&mut a, &mut b] {
        assert_eq!(guest.call::<(), i32>("run", ()).unwrap(), 1);
    }
}

#[test]
fn what_is_provided_belongs_to_another_store() {
    let (runtime, prepared) = counter();
    let [mut a, mut b] = [(); 2].map(|()| prepared.instantiate().unwrap());
    let externs: [(&str, Extern); 2] = ["memory", "run"].map(|name| {
        let item = a.raw().get_export(a.store_mut(), name).unwrap();
        (name, item)
    });
    for (name, item) in externs {
        let other = Runtime::builder()
            .engine(runtime.engine().clone())
            .imports(Imports::none())
            .provide("env", name, item);
        let import = match name {
            "memory" => "(memory 1)",
            _ => "(func (result i32))",
        };
        let module = format!(r#"(module (import "env" "{name}" {import}))"#);
        let module = other.build().unwrap().load(module).unwrap();
        assert!(module.instantiate_in(&mut a).is_ok());
        for error in [
            module.instantiate_in(&mut b).map(drop),
            module.instantiate().map(drop),
        ] {
            let error = error.unwrap_err();
            let said = format!("what is provided as `env.{name}` belongs to another store");
            assert!(error.is::<WrongStoreError>());
            assert!(error.to_string().contains(&said), "{error}");
        }
    }
}

/// A state that is taken out of a store is missing, and no more than that.
#[test]
fn a_state_that_was_taken_out() {
    struct Counter(u32);
    #[wasm_import(module = "ffi")]
    fn up(#[state] counter: &mut Counter) -> u32 {
        counter.0 += 1;
        counter.0
    }
    #[wasm_import(module = "ffi")]
    fn add(#[state] counter: &mut Counter, text: &str) -> u32 {
        counter.0 += u32::try_from(text.len()).unwrap();
        counter.0
    }
    let runtime = Runtime::builder()
        .imports(imports![up, add])
        .state_with(|| Counter(0))
        .build()
        .unwrap();
    let mut guest = runtime
        .instantiate(
            r#"(module
                (import "ffi" "up" (func $up (result i32)))
                (import "ffi" "add" (func $add (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "up") (result i32) (call $up))
                (func (export "add") (result i32) (call $add (i32.const 0) (i32.const 2))))"#,
        )
        .unwrap();
    assert_eq!(guest.call::<(), u32>("up", ()).unwrap(), 1);
    let host = mem::take(guest.store_mut().data_mut());
    for name in ["up", "add"] {
        let error = guest.call::<(), u32>(name, ()).unwrap_err();
        assert!(error.is::<host_runtime::MissingStateError>(), "{error:?}");
    }
    *guest.store_mut().data_mut() = host;
    assert_eq!(guest.call::<(), u32>("add", ()).unwrap(), 3);
}

/// Calls back with what is left, and panics where there is nothing.
#[wasm_import(module = "ffi")]
fn call_or_panic(
    mut guest: Guest<'_>,
    text: String,
    back: Callback<(), ()>,
) -> wasmtime::Result<()> {
    assert_ne!(
        text.as_bytes().first(),
        Some(&b'!'),
        "the host function panics"
    );
    guest.call(&back, ())
}

/// Calls `run`, which calls the host, which calls `back`, which calls the host, which panics.
const PANICS: &str = r#"(module
    (import "ffi" "call_or_panic" (func $call (param i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 1000) "!")
    (table (export "table") funcref (elem $panic $nothing))
    (func $panic (call $call (i32.const 1000) (i32.const 10) (i32.const 0)))
    (func $nothing)
    (func (export "panic") (call $call (i32.const 0) (i32.const 600) (i32.const 0)))
    (func (export "calm") (call $call (i32.const 0) (i32.const 1000) (i32.const 1))))"#;

#[test]
fn a_host_function_that_panics_leaves_nothing_behind() {
    let runtime = Runtime::builder()
        .imports(imports![call_or_panic])
        .copy_budget(1000)
        .call_depth(3)
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(PANICS).unwrap();
    for lent in [false, true] {
        for _ in 0..10 {
            let call = AssertUnwindSafe(|| guest.call::<(), ()>("panic", ()));
            catch_unwind(call).unwrap_err();
            guest.call::<(), ()>("calm", ()).unwrap();
        }
        if !lent {
            guest.store_mut();
        }
    }
}

/// How often the host function below was called.
struct Calls(u32);

/// Calls itself twice a level: a tree that would have as many leaves as there are atoms.
#[wasm_import(module = "ffi")]
fn twice(mut guest: Guest<'_>, x: u32) -> wasmtime::Result<u32> {
    guest.state::<Calls>().expect("it is provided").0 += 1;
    let first = guest.call::<u32, u32>("twice", x);
    let second = guest.call::<u32, u32>("twice", x);
    first.and(second)
}

const TWICE: &str = r#"(module
    (import "ffi" "twice" (func $twice (param i32) (result i32)))
    (export "twice" (func $twice))
    (func (export "run") (result i32) (call $twice (i32.const 1))))"#;

fn run_twice(builder: RuntimeBuilder) -> anyhow::Error {
    let builder = builder.imports(imports![twice]).state_with(|| Calls(0));
    let mut guest = builder.build().unwrap().instantiate(TWICE).unwrap();
    let error = guest.call::<(), u32>("run", ()).unwrap_err();
    let calls = guest.state::<Calls>().unwrap().0;
    assert!(calls < 5_000, "{calls}");
    // The next call begins anew, and ends too.
    let again = guest.call::<(), u32>("run", ()).unwrap_err();
    assert!(
        !again.is::<GuestCallError>() || error.is::<GuestCallError>(),
        "{again:#}"
    );
    error
}

#[test]
fn a_host_function_that_calls_itself_ends_at_the_limit_of_the_stack() {
    let error = run_twice(Runtime::builder());
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
}

#[test]
fn a_host_function_that_calls_itself_ends_at_the_depth_of_calls() {
    let error = run_twice(Runtime::builder().call_depth(10));
    assert_eq!(
        error.downcast_ref(),
        Some(&GuestCallError::TooDeep { limit: 10 })
    );
    assert!(format!("{error:#}").contains(
        "10 calls of the guest by the host are under way, one within the other, which is the \
         limit; `RuntimeBuilder::call_depth` or `HostData::set_call_depth` sets it"
    ));
}

#[test]
fn a_host_function_that_calls_itself_ends_with_its_fuel() {
    let mut config = Config::new();
    config.consume_fuel(true);
    let builder = Runtime::builder().config(config);
    let error = run_twice(builder.configure_store(|store| store.set_fuel(100)));
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{error:?}");
}

#[test]
fn a_host_function_that_calls_itself_ends_with_its_epoch() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let builder = Runtime::builder().config(config);
    let error = run_twice(builder.configure_store(|store| {
        store.set_epoch_deadline(1);
        store.engine().increment_epoch();
        Ok(())
    }));
    assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
}

/// Reaching the depth is an error that the host function may go on from.
#[test]
fn the_depth_of_calls_can_be_caught() {
    #[wasm_import(module = "ffi")]
    fn deeper(mut guest: Guest<'_>, depth: u32) -> wasmtime::Result<u32> {
        match guest.call("deeper", depth + 1) {
            Err(error) if error.is::<GuestCallError>() => Ok(depth),
            result => result,
        }
    }
    for lent in [false, true] {
        let runtime = Runtime::builder().imports(imports![deeper]).call_depth(20);
        let mut guest = runtime
            .build()
            .unwrap()
            .instantiate(
                r#"(module
                    (import "ffi" "deeper" (func $deeper (param i32) (result i32)))
                    (func (export "deeper") (param i32) (result i32) (call $deeper (local.get 0))))"#,
            )
            .unwrap();
        if lent {
            guest.store_mut();
        }
        assert_eq!(guest.call::<u32, u32>("deeper", 0).unwrap(), 20);
    }
}

/// A guest that calls a host function on behalf of another is not taken for that one.
#[test]
fn a_guest_below_another_has_its_own_memory_or_none() {
    #[wasm_import(module = "ffi")]
    fn call_back(mut guest: Guest<'_>, back: Callback<(), ()>) -> wasmtime::Result<()> {
        guest.call(&back, ())
    }
    let engine = Engine::default();
    let mut linker = Linker::<HostData>::new(&engine);
    imports![fill, call_back]
        .add_to_linker(&mut linker, |host| host)
        .unwrap();
    let mut store = Store::new(&engine, HostData::new());
    let caller = Module::new(
        &engine,
        r#"(module
            (import "ffi" "call_back" (func $call (param i32)))
            (memory (export "memory") 1)
            (table (export "table") 1 funcref)
            (func (export "run") (call $call (i32.const 0))))"#,
    );
    let caller = linker.instantiate(&mut store, &caller.unwrap()).unwrap();
    // It leaves no frame, has no memory to show, and goes by the name of the runtime's own.
    let hostile = Module::new(
        &engine,
        r#"(module
            (import "ffi" "fill" (func $fill (param i32 i32)))
            (memory 1)
            (func (export "host-runtime:call") (return_call $fill (i32.const 0) (i32.const 4))))"#,
    );
    let hostile = linker.instantiate(&mut store, &hostile.unwrap()).unwrap();
    let func = hostile.get_func(&mut store, "host-runtime:call");
    let table = caller.get_table(&mut store, "table").unwrap();
    table.set(&mut store, 0, func.into()).unwrap();
    let run = caller.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    for _ in 0..2 {
        let error = run.call(&mut store, ()).unwrap_err();
        assert!(error.is::<ValueError>(), "{error:?}");
        let memory = caller.get_memory(&mut store, "memory").unwrap();
        assert_eq!(memory.data(&store)[..4], [0; 4]);
    }
}

/// A host function with the `Caller` swaps the host data while it is below a call of the host's.
#[test]
fn host_data_that_is_swapped_during_a_call() {
    #[wasm_import(module = "ffi")]
    fn call_back(mut guest: Guest<'_>, back: Callback<(), ()>) -> wasmtime::Result<()> {
        guest.call(&back, ())
    }
    #[wasm_import(module = "ffi")]
    fn swap(mut caller: Caller<'_, HostData>) {
        *caller.data_mut() = HostData::new();
    }
    let runtime = Runtime::builder().imports(imports![fill, call_back, swap]);
    let mut guest = runtime
        .build()
        .unwrap()
        .instantiate(
            r#"(module
                (import "ffi" "call_back" (func $call (param i32)))
                (import "ffi" "swap" (func $swap))
                (import "ffi" "fill" (func $fill (param i32 i32)))
                (memory (export "memory") 1)
                (table (export "table") funcref (elem $swap $fill_here))
                (func $fill_here (call $fill (i32.const 0) (i32.const 4)))
                (func (export "run")
                    (call $call (i32.const 1))
                    (call $call (i32.const 0))
                    (call $call (i32.const 1))))"#,
        )
        .unwrap();
    for _ in 0..3 {
        guest.call::<(), ()>("run", ()).unwrap();
        assert_eq!(guest.read(0, 4).unwrap(), [7; 4]);
    }
}

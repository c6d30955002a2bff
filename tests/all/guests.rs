//! Host functions that call the guest back, objects of the host that it holds, and places in its
//! memory.

#![expect(
    clippy::needless_pass_by_value,
    reason = "host functions get by value what the guest passes"
)]

use std::{
    future::{pending, poll_fn},
    mem,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, Waker},
};

use host_runtime::{
    Callback, CallbackError, CallbackRef, Guest, GuestPointer, GuestSlice, HostCallError, HostData,
    HostObject, Imports, Instance, NoTableError, ProvidedImport, Runtime, ValueError, imports,
    wasm_import,
    wasmtime::{
        self, Config, Engine, ExternRef, FuncType, Linker, Module, Store, TagType, Val, ValType,
    },
};

#[derive(Clone, Default)]
struct Calls(u32);

#[wasm_import(module = "host")]
mod host {
    use super::*;

    pub(super) fn apply(
        mut guest: Guest<'_>,
        f: Callback<(i32, f64), i64>,
        x: i32,
    ) -> wasmtime::Result<i64> {
        guest.state::<Calls>().expect("it is provided").0 += 1;
        guest.call(&f, (x, 0.5))
    }
    pub(super) fn apply_ref(
        mut guest: Guest<'_>,
        f: CallbackRef<i32, i32>,
    ) -> wasmtime::Result<i32> {
        guest.call(&f, 20)
    }
    /// Reads, calls back, and reads again what the guest may have changed or moved.
    pub(super) fn around(
        mut guest: Guest<'_>,
        text: String,
        at: GuestPointer<u32>,
        f: Callback<(), ()>,
    ) -> wasmtime::Result<u32> {
        let before = at.read(&mut guest)?;
        guest.call(&f, ())?;
        let after = at.read(&mut guest)?;
        at.write(&mut guest, 7)?;
        Ok(before * 1000 + after * 10 + u32::try_from(text.len())?)
    }
    pub(super) fn slice(
        mut guest: Guest<'_>,
        list: GuestSlice<u16>,
        index: u32,
    ) -> Result<u32, ValueError> {
        let all = list.to_vec(&mut guest)?;
        list.write(&mut guest, &vec![9; all.len()])?;
        list.get(&mut guest, index.into()).map(u32::from)
    }
}

/// A guest with a function of each kind in its table.
const GUEST: &str = r#"(module
    (type $f (func (param i32 f64) (result i64)))
    (import "host" "apply" (func $apply (param i32 i32) (result i64)))
    (import "host" "apply_ref" (func $apply_ref (param funcref) (result i32)))
    (import "host" "around" (func $around (param i32 i32 i32 i32) (result i32)))
    (import "host" "slice" (func $slice (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1 3)
    (data (i32.const 64) "hello")
    (table (export "__indirect_function_table") 6 funcref)
    (elem (i32.const 1) func $sum $again $trap $grow)
    (elem declare func $double $sum)
    (func $sum (type $f)
        (i64.add (i64.extend_i32_s (local.get 0)) (i64.trunc_f64_s (f64.mul (local.get 1) (f64.const 4)))))
    (func $again (type $f)
        (if (result i64) (local.get 0)
            (then (call $apply (i32.const 2) (i32.sub (local.get 0) (i32.const 1))))
            (else (i64.const 42))))
    (func $trap (type $f) (unreachable))
    (func $grow
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.const 16) (i32.const 3)))
    (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "apply") (param i32 i32) (result i64) (call $apply (local.get 0) (local.get 1)))
    (func (export "double") (result i32) (call $apply_ref (ref.func $double)))
    (func (export "wrong") (result i32) (call $apply_ref (ref.func $sum)))
    (func (export "null") (result i32) (call $apply_ref (ref.null func)))
    (func (export "around") (result i32)
        (i32.store (i32.const 16) (i32.const 2))
        (call $around (i32.const 64) (i32.const 5) (i32.const 16) (i32.const 4)))
    (func (export "slice") (param i32 i32 i32) (result i32)
        (call $slice (local.get 0) (local.get 1) (local.get 2))))"#;

fn guest() -> Instance {
    let runtime = Runtime::builder()
        .imports(imports![mod host])
        .state(Calls(0));
    runtime.build().unwrap().instantiate(GUEST).unwrap()
}

fn apply(guest: &mut Instance, index: i32, x: i32) -> anyhow::Result<i64> {
    guest.call("apply", (index, x))
}

#[test]
fn callbacks_by_index_and_by_reference() {
    let mut guest = guest();
    assert_eq!(apply(&mut guest, 1, 40).unwrap(), 42);
    assert_eq!(guest.call::<(), i32>("double", ()).unwrap(), 40);
    assert_eq!(guest.state::<Calls>().unwrap().0, 1);
}

/// The guest calls the host again, which calls the guest again, and so on.
#[test]
fn re_entry() {
    let mut guest = guest();
    assert_eq!(apply(&mut guest, 2, 10).unwrap(), 42);
    assert_eq!(guest.state::<Calls>().unwrap().0, 11);
}

/// The guest grows its memory while the host function runs, which may move it.
#[test]
fn memory_that_grows_meanwhile() {
    let mut guest = guest();
    assert_eq!(guest.call::<(), u32>("around", ()).unwrap(), 2035);
    assert_eq!(guest.read(16, 4).unwrap(), [7, 0, 0, 0]);
    assert_eq!(guest.memory().unwrap().len(), 2 << 16);
}

#[test]
fn what_is_no_callback() {
    let mut guest = guest();
    let mut reason = |index| {
        let error = apply(&mut guest, index, 0).unwrap_err();
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.function().name(), "apply");
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(
        reason(0),
        "the callback is a null pointer; take an `Option` of it where that is allowed"
    );
    assert_eq!(
        reason(6),
        "there is no function 6 in the guest's table, which has 6"
    );
    assert_eq!(
        reason(-1),
        "there is no function 4294967295 in the guest's table, which has 6"
    );
    assert_eq!(
        reason(4),
        "the callback is (func), and is called as (func (param i32 f64) (result i64))"
    );
    let error = guest.call::<(), i32>("wrong", ()).unwrap_err();
    assert!(matches!(
        error.downcast_ref(),
        Some(ValueError::Callback(CallbackError::OtherType { .. }))
    ));
    let error = guest.call::<(), i32>("null", ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "the callback is null"
    );
    // All of that leaves the guest as it was.
    assert_eq!(apply(&mut guest, 1, 40).unwrap(), 42);
}

#[test]
fn a_callback_that_traps() {
    let mut guest = guest();
    let error = apply(&mut guest, 3, 0).unwrap_err();
    assert_eq!(
        error.downcast_ref::<wasmtime::Trap>(),
        Some(&wasmtime::Trap::UnreachableCodeReached)
    );
    assert!(
        format!("{error:?}").contains("the host function `host.apply` failed"),
        "{error:?}"
    );
    assert_eq!(apply(&mut guest, 1, 40).unwrap(), 42);
}

#[test]
fn slices_that_are_looked_at_late() {
    let mut guest = guest();
    let mut slice = |at: i32, len: i32, index: i32| {
        guest.call::<(i32, i32, i32), i32>("slice", (at, len, index))
    };
    assert_eq!(slice(65, 2, 1).unwrap(), 9);
    let mut reason = |at, len, index| {
        let error = slice(at, len, index).unwrap_err();
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(reason(0, 2, 2), "2 is past the end of a slice of 2");
    assert_eq!(
        reason(65_535, 1, 0),
        "pointer 0xffff and 1 element of 2 bytes reach past the end of the memory, 65536 bytes"
    );
    assert!(reason(-1, -1, 0).contains("reach past the end of the memory"));
}

/// The same functions in an embedder's linker, whose store data is another.
#[test]
fn in_an_embedders_linker() {
    struct App {
        host: HostData,
    }

    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    imports![mod host]
        .add_to_linker(&mut linker, |app: &mut App| &mut app.host)
        .unwrap();
    let module = Module::new(&engine, GUEST).unwrap();
    let mut store = Store::new(
        &engine,
        App {
            host: HostData::new().with(Calls(0)),
        },
    );
    let guest = linker.instantiate(&mut store, &module).unwrap();
    let apply = guest.get_typed_func::<(i32, i32), i64>(&mut store, "apply");
    assert_eq!(apply.unwrap().call(&mut store, (2, 3)).unwrap(), 42);
    assert_eq!(store.data().host.state::<Calls>().unwrap().0, 4);
}

/// Counts how many are alive.
struct Page {
    title: String,
    alive: Arc<AtomicU32>,
}

impl Drop for Page {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Default)]
struct Alive(Arc<AtomicU32>);

#[wasm_import(module = "browser")]
mod browser {
    use super::*;

    pub(super) fn open(#[state] alive: &Alive, title: &str) -> HostObject<Page> {
        alive.0.fetch_add(1, Ordering::Relaxed);
        HostObject::new(Page {
            title: title.to_owned(),
            alive: Arc::clone(&alive.0),
        })
    }
    pub(super) fn size(page: HostObject<Page>) -> u32 {
        u32::try_from(page.title.len()).unwrap_or(u32::MAX)
    }
    pub(super) fn number() -> HostObject<u8> {
        HostObject::new(5)
    }
    pub(super) fn maybe(page: Option<HostObject<Page>>) -> Option<HostObject<Page>> {
        page
    }
}

fn browser() -> (Instance, Alive) {
    let alive = Alive::default();
    let runtime = Runtime::builder()
        .imports(imports![mod browser])
        .state(alive.clone())
        .build()
        .unwrap();
    let guest = runtime.instantiate(
        r#"(module
            (import "browser" "open" (func $open (param i32 i32) (result externref)))
            (import "browser" "size" (func $size (param externref) (result i32)))
            (import "browser" "number" (func $number (result externref)))
            (import "browser" "maybe" (func $maybe (param externref) (result externref)))
            (memory (export "memory") (data "title"))
            (table $kept 1 externref)
            (func (export "keep") (table.set $kept (i32.const 0) (call $open (i32.const 0) (i32.const 5))))
            (func (export "drop") (table.set $kept (i32.const 0) (ref.null extern)))
            (func (export "size") (result i32) (call $size (table.get $kept (i32.const 0))))
            (func (export "maybe") (result i32) (ref.is_null (call $maybe (table.get $kept (i32.const 0)))))
            (func (export "other") (result i32) (call $size (call $number)))
            (func (export "foreign") (param externref) (result i32) (call $size (local.get 0))))"#,
    );
    (guest.unwrap(), alive)
}

#[test]
fn host_objects() {
    let (mut guest, alive) = browser();
    guest.call::<(), ()>("keep", ()).unwrap();
    assert_eq!(guest.call::<(), u32>("size", ()).unwrap(), 5);
    assert_eq!(guest.call::<(), u32>("maybe", ()).unwrap(), 0);
    guest.store_mut().gc(None).unwrap();
    assert_eq!(alive.0.load(Ordering::Relaxed), 1);
    guest.call::<(), ()>("drop", ()).unwrap();
    guest.store_mut().gc(None).unwrap();
    assert_eq!(alive.0.load(Ordering::Relaxed), 0);
    assert_eq!(guest.call::<(), u32>("maybe", ()).unwrap(), 1);
}

#[test]
fn what_is_no_such_object() {
    let (mut guest, _) = browser();
    let reason = |error: anyhow::Error| {
        let place: &HostCallError = error.downcast_ref().unwrap();
        assert_eq!(place.parameter(), Some("page"));
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    let error = guest.call::<(), u32>("size", ()).unwrap_err();
    assert_eq!(reason(error), "it is null; a `all::guests::Page` is wanted");
    let error = guest.call::<(), u32>("other", ()).unwrap_err();
    assert_eq!(
        reason(error),
        "it is another object than a `all::guests::Page`"
    );
    let foreign = ExternRef::new(guest.store_mut(), "foreign").unwrap();
    let instance = guest.raw();
    let func = instance.get_func(guest.store_mut(), "foreign").unwrap();
    let given = [Val::ExternRef(Some(foreign))];
    let error = func
        .call(guest.store_mut(), &given, &mut [Val::I32(0)])
        .unwrap_err();
    assert_eq!(
        reason(error.into()),
        "it is another object than a `all::guests::Page`"
    );
}

#[wasm_import(module = "budget")]
fn twice(mut guest: Guest<'_>, first: String, rest: GuestSlice<u8>) -> Result<u32, ValueError> {
    let again = rest.to_vec(&mut guest)?.len() + rest.to_vec(&mut guest)?.len();
    Ok(u32::try_from(first.len() + again).unwrap_or(u32::MAX))
}

/// All that one call copies is of one budget.
#[test]
fn the_budget_of_a_call() {
    let function = imports![twice].get("budget", "twice").unwrap();
    let runtime = Runtime::builder().imports(imports![twice]).copy_budget(100);
    let guest = host_tests::guest(function, b"");
    let mut guest = runtime.build().unwrap().instantiate(guest).unwrap();
    let mut run = |a, b| guest.call::<(i32, i32, i32, i32), u32>("run", (0, a, 0, b));
    assert_eq!(run(20, 40).unwrap(), 100);
    let error = run(21, 40).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "40 bytes to copy are more than the 39 that are left of the call's copy budget; \
         `RuntimeBuilder::copy_budget` or `HostData::set_copy_budget` sets it"
    );
}

#[test]
fn all_are_listed() {
    let imports: Imports = imports![mod host, mod browser];
    let apply = imports.get("host", "apply").unwrap();
    assert_eq!(apply.wasm_type(), "(func (param i32 i32) (result i64))");
    let maybe = imports.get("browser", "maybe").unwrap();
    assert_eq!(
        maybe.wasm_type(),
        "(func (param externref) (result externref))"
    );
}

/// A guest that imports the table of its functions and exports nothing of it.
const IMPORTS_TABLE: &str = r#"(module
    (import "env" "__indirect_function_table" (table 4 funcref))
    (import "list" "twice" (func $twice (param i32) (result i32)))
    (elem (i32.const 2) func $add)
    (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 5)))
    (func (export "run") (param i32) (result i32) (call $twice (local.get 0))))"#;

#[wasm_import(module = "list", name = "twice")]
fn apply_twice(mut guest: Guest<'_>, f: Callback<i32, i32>) -> wasmtime::Result<i32> {
    let once = guest.call(&f, 1)?;
    guest.call(&f, once)
}

#[test]
fn callbacks_in_an_imported_table() {
    let runtime = Runtime::builder()
        .imports(imports![apply_twice])
        .provide(
            "env",
            "__indirect_function_table",
            wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None),
        )
        .build()
        .unwrap();
    let mut guest = runtime.instantiate(IMPORTS_TABLE).unwrap();
    assert_eq!(guest.call::<i32, i32>("run", 2).unwrap(), 11);
    // Who calls is asked once others may be there, and their tables are theirs.
    guest.store_mut();
    assert_eq!(guest.call::<i32, i32>("run", 2).unwrap(), 11);
    let other = IMPORTS_TABLE.replace("i32.const 5", "i32.const 50");
    let joined = runtime
        .load(other)
        .unwrap()
        .instantiate_in(&mut guest)
        .unwrap();
    assert_eq!(joined.call::<i32, i32>(&mut guest, "run", 2).unwrap(), 101);
    assert_eq!(guest.call::<i32, i32>("run", 2).unwrap(), 11);
    let error = guest.call::<i32, i32>("run", 4).unwrap_err();
    assert_eq!(
        error.downcast_ref::<ValueError>().unwrap().to_string(),
        "there is no function 4 in the guest's table, which has 4"
    );
}

/// Of several tables of functions the callbacks are in the one that is called so, wherever it is in
/// the list.
#[test]
fn callbacks_among_several_imported_tables() {
    let ty = || wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None);
    let run = |other: &str, name: &str| {
        let guest = format!(
            r#"(module
                (import "env" "{other}" (table $other 4 funcref))
                (import "env" "{name}" (table $own 4 funcref))
                (import "list" "twice" (func $twice (param i32) (result i32)))
                (elem (table $other) (i32.const 2) func $wrong)
                (elem (table $own) (i32.const 2) func $add)
                (func $wrong (param i32) (result i32) (i32.const -1))
                (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.const 5)))
                (func (export "run") (param i32) (result i32) (call $twice (local.get 0))))"#
        );
        let runtime = Runtime::builder().imports(imports![apply_twice]);
        let runtime = runtime
            .provide("env", other, ty())
            .provide("env", name, ty());
        let mut guest = runtime.build().unwrap().instantiate(guest).unwrap();
        guest.call::<i32, i32>("run", 2)
    };
    assert_eq!(run("dispatch", "__indirect_function_table").unwrap(), 11);
    let error = run("dispatch", "handlers").unwrap_err();
    assert_eq!(
        error.downcast_ref(),
        Some(&ValueError::Callback(CallbackError::NoTable(
            NoTableError::SeveralUnexported
        )))
    );
}

/// Two instances of one module may share the table that they import, or have one each.
#[test]
fn callbacks_in_a_table_that_instances_share() {
    let name = "__indirect_function_table";
    let plugins = |first: &mut Instance, table: ProvidedImport| {
        let plugins = Runtime::builder()
            .engine(first.engine().clone())
            .imports(imports![apply_twice])
            .provide("env", name, table)
            .build()
            .unwrap();
        let plugin = plugins.load(IMPORTS_TABLE).unwrap();
        let both = [(); 2].map(|()| plugin.instantiate_in(first).unwrap());
        both.map(|plugin| plugin.call::<i32, i32>(first, "run", 2))
    };
    let ty = wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None);
    let runtime = Runtime::builder()
        .imports(Imports::none())
        .provide("env", name, ty.clone());
    let mut first = runtime
        .build()
        .unwrap()
        .instantiate(format!(
            r#"(module (import "env" "{name}" (table 4 funcref)))"#
        ))
        .unwrap();
    let table = first.provided("env", name).unwrap();
    for result in plugins(&mut first, table.into()) {
        assert_eq!(result.unwrap(), 11);
    }
    for result in plugins(&mut first, ty.into()) {
        assert_eq!(result.unwrap(), 11);
    }
}

/// A tag that the runtime provides is one for all guests of a store: what one throws another
/// catches.
#[test]
fn a_tag_that_guests_share() {
    let mut config = Config::new();
    config.wasm_exceptions(true);
    let engine = Engine::new(&config).unwrap();
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let first = Runtime::builder()
        .engine(engine.clone())
        .imports(Imports::none())
        .provide("env", "error", ty)
        .build()
        .unwrap();
    let mut thrower = first
        .instantiate(
            r#"(module (import "env" "error" (tag $error (param i32)))
                (func (export "throw") (param i32) (throw $error (local.get 0))))"#,
        )
        .unwrap();
    let throw = thrower
        .raw()
        .get_func(thrower.store_mut(), "throw")
        .unwrap();
    let second = Runtime::builder()
        .engine(engine)
        .imports(Imports::none())
        .provide("env", "error", thrower.provided("env", "error").unwrap())
        .provide("env", "throw", wasmtime::Extern::Func(throw))
        .build()
        .unwrap();
    let catcher = second
        .load(
            r#"(module (import "env" "error" (tag $error (param i32)))
                (import "env" "throw" (func $throw (param i32)))
                (func (export "run") (param i32) (result i32)
                    (block $caught (result i32)
                        (try_table (catch $error $caught) (call $throw (local.get 0)))
                        (i32.const -1))))"#,
        )
        .unwrap();
    let catcher = catcher.instantiate_in(&mut thrower).unwrap();
    assert_eq!(catcher.call::<i32, i32>(&mut thrower, "run", 7).unwrap(), 7);
    let wrong = r#"(module (import "env" "error" (tag (param i64))))"#;
    let error = first.load(wrong).unwrap_err().to_string();
    assert!(error.contains("host:  (tag (func (param i32)))"), "{error}");
}

/// What a job of the host needs of the guest's memory: where to put the sum of what.
type Places = (GuestPointer<u32>, GuestSlice<u32>);

/// A job that waits.
struct Job(Pin<Box<dyn Future<Output = Places> + Send>>);

#[wasm_import(module = "job")]
fn start(#[state] job: &mut Job, sum: GuestPointer<u32>, list: GuestSlice<u32>) {
    job.0 = Box::pin(async move {
        let mut waited = false;
        poll_fn(|_| {
            if mem::replace(&mut waited, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        (sum, list)
    });
}

#[wasm_import(module = "job")]
fn poll(mut guest: Guest<'_>) -> Result<bool, ValueError> {
    let job = guest.state::<Job>().expect("it is provided");
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready((sum, list)) = job.0.as_mut().poll(&mut context) else {
        return Ok(false);
    };
    let total = list.to_vec(&mut guest)?.iter().sum();
    sum.write(&mut guest, total)?;
    Ok(true)
}

/// The list is not even in the memory when the job gets it.
#[test]
fn places_that_are_held_across_an_await() {
    let runtime = Runtime::builder()
        .imports(imports![start, poll])
        .state_with(|| Job(Box::pin(pending())))
        .build()
        .unwrap();
    let guest = r#"(module
        (import "job" "start" (func $start (param i32 i32 i32)))
        (import "job" "poll" (func $poll (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32)
            (call $start (i32.const 8) (i32.const 65536) (i32.const 2))
            (if (call $poll) (then unreachable))
            (drop (memory.grow (i32.const 1)))
            (i32.store (i32.const 65536) (i32.const 40))
            (i32.store (i32.const 65540) (i32.const 2))
            (if (i32.eqz (call $poll)) (then unreachable))
            (i32.load (i32.const 8))))"#;
    let mut instance = runtime.instantiate(guest).unwrap();
    assert_eq!(instance.call::<(), i32>("run", ()).unwrap(), 42);
}

/// A function may name the table of its callbacks, and so may the embedder; otherwise the only one
/// that is exported will do, whatever its name, or the only one that there is.
#[test]
fn callbacks_in_a_table_by_its_name() {
    #[wasm_import(module = "ffi", table = "second")]
    fn in_second(mut guest: Guest<'_>, f: Callback<(), i32>) -> wasmtime::Result<i32> {
        guest.call(&f, ())
    }
    #[wasm_import(module = "ffi")]
    fn in_table(mut guest: Guest<'_>, f: Callback<(), i32>) -> wasmtime::Result<i32> {
        guest.call(&f, ())
    }
    let guest = |tables: &str| {
        format!(
            r#"(module
                (import "ffi" "in_second" (func $second (param i32) (result i32)))
                (import "ffi" "in_table" (func $table (param i32) (result i32)))
                {tables}
                (func $one (result i32) (i32.const 1))
                (func $two (result i32) (i32.const 2))
                (func (export "in_second") (result i32) (call $second (i32.const 0)))
                (func (export "in_table") (result i32) (call $table (i32.const 0))))"#
        )
    };
    let builder = || Runtime::builder().imports(imports![in_second, in_table]);
    let two = r#"(table (export "first") funcref (elem $one)) (table (export "second") funcref (elem $two))"#;
    let mut named = builder()
        .table("first")
        .build()
        .unwrap()
        .instantiate(guest(two))
        .unwrap();
    for lent in [false, true] {
        assert_eq!(named.call::<(), i32>("in_second", ()).unwrap(), 2);
        assert_eq!(named.call::<(), i32>("in_table", ()).unwrap(), 1);
        if !lent {
            named.store_mut();
        }
    }
    for only in [
        r#"(table (export "Ma") funcref (elem $one))"#,
        "(table funcref (elem $one))",
    ] {
        let mut instance = builder().build().unwrap().instantiate(guest(only)).unwrap();
        assert_eq!(instance.call::<(), i32>("in_table", ()).unwrap(), 1);
        let error = instance.call::<(), i32>("in_second", ()).unwrap_err();
        assert_eq!(
            error.downcast_ref(),
            Some(&ValueError::Callback(CallbackError::NoTable(
                NoTableError::NotNamed {
                    wanted: "second".to_owned(),
                    exported: only
                        .contains("Ma")
                        .then(|| "Ma".to_owned())
                        .into_iter()
                        .collect(),
                }
            )))
        );
    }
}

#[wasm_import(module = "named")]
fn call_helper(mut guest: Guest<'_>) -> wasmtime::Result<i64> {
    guest.call::<i32, i64>("helper", 1)
}

#[test]
fn a_function_that_is_called_by_its_name_is_named_where_it_is_missing_or_of_another_type() {
    let reason = |export: &str| {
        let module = format!(
            r#"(module
                (import "named" "call_helper" (func $call (result i64)))
                (memory (export "memory") 1)
                (func {export} (param i64) (result i64) (local.get 0))
                (func (export "run") (result i64) (call $call)))"#
        );
        let runtime = Runtime::builder().imports(imports![call_helper]).build();
        let mut guest = runtime.unwrap().instantiate(module).unwrap();
        let error = guest.call::<(), i64>("run", ()).unwrap_err();
        error.downcast_ref::<ValueError>().unwrap().to_string()
    };
    assert_eq!(
        reason(r#"(export "helper")"#),
        "the guest's `helper` is (func (param i64) (result i64)), and is called as (func (param \
         i32) (result i64))"
    );
    assert_eq!(
        reason(r#"(export "_helper")"#),
        "the guest exports no function called `helper`; of the 2 functions that it exports see \
         `_helper`"
    );
    assert_eq!(
        reason(r#"(export "other")"#),
        "the guest exports no function called `helper`; it exports `other`, `run`"
    );
}

#[wasm_import(module = "list", table = "tab")]
fn in_named(mut guest: Guest<'_>, callback: Callback<(), i32>) -> wasmtime::Result<i32> {
    guest.call(&callback, ())
}

#[wasm_import(module = "list")]
fn in_table(mut guest: Guest<'_>, callback: Callback<(), i32>) -> wasmtime::Result<i32> {
    guest.call(&callback, ())
}

/// What is said where the table of functions is not to be found.
#[test]
fn a_table_that_is_not_there_is_named() {
    let run = |function: &str, tables: &str, table: Option<&str>| {
        let builder = Runtime::builder().imports(imports![in_named, in_table]);
        let builder = match table {
            Some(name) => builder.table(name),
            None => builder,
        };
        let mut guest = builder
            .build()
            .unwrap()
            .instantiate(format!(
                r#"(module
                    (import "list" "{function}" (func $f (param i32) (result i32)))
                    {tables}
                    (memory (export "memory") 1)
                    (func (export "run") (result i32) (call $f (i32.const 0))))"#
            ))
            .unwrap();
        guest.call::<(), i32>("run", ()).unwrap_err()
    };
    let one = r#"(table (export "table") 1 funcref)"#;
    let not_named = "the guest exports no function table called `tab`; it exports `table`";
    let several = "the guest exports several tables of functions (`a`, `b`); name one, by `table = \
        \"…\"` in the attribute or in the builder";
    for (error, text) in [
        (run("in_named", one, None), not_named),
        (run("in_table", one, Some("tab")), not_named),
        (
            run("in_named", r#"(table (export "tab") 1 externref)"#, None),
            "the guest exports no function table called `tab`; it exports nothing",
        ),
        (
            run(
                "in_table",
                r#"(table (export "a") 1 funcref) (table (export "b") 1 funcref)"#,
                None,
            ),
            several,
        ),
    ] {
        assert!(
            error.to_string().contains(text) || format!("{error:#}").contains(text),
            "{error:#}"
        );
    }
}

/// A table may have functions of one type only, or never be null, and may have two names.
#[test]
fn callbacks_in_tables_of_other_types_and_names() {
    let guest = |table: &str| {
        format!(
            r#"(module
                (type $type (func (result i32)))
                (import "list" "in_table" (func $f (param i32) (result i32)))
                (memory (export "a") (export "b") 1)
                {table}
                (elem declare func $one)
                (func $one (result i32) (i32.const 1))
                (func (export "run") (result i32) (call $f (i32.const 0))))"#
        )
    };
    let runtime = Runtime::builder()
        .imports(imports![in_table])
        .build()
        .unwrap();
    for table in [
        "(table 1 (ref null $type)) (elem (i32.const 0) (ref null $type) (ref.func $one))",
        "(table 1 (ref func) (ref.func $one))",
    ] {
        let mut instance = runtime.instantiate(guest(table)).unwrap();
        assert_eq!(instance.call::<(), i32>("run", ()).unwrap(), 1, "{table}");
    }
    // Also in a module that is compiled already, if it has one.
    for table in [
        r#"(table (export "x") 1 (ref func) (ref.func $one))"#,
        r#"(table (export "x") (export "y") 1 funcref) (elem (i32.const 0) $one)"#,
    ] {
        let module = Module::new(runtime.engine(), guest(table)).unwrap();
        let module = runtime.instantiate_pre(&module).unwrap();
        for lent in [false, true] {
            let mut instance = module.instantiate().unwrap();
            if lent {
                instance.store_mut();
            }
            assert_eq!(instance.call::<(), i32>("run", ()).unwrap(), 1, "{table}");
        }
    }
}

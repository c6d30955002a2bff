//! Calls of a guest's functions, against kept `TypedFunc`s.

use std::{
    hint::black_box,
    sync::{Arc, OnceLock},
};

use anyhow::{Context as _, Result};
use host_runtime::{
    Guest, Imports, Instance, Runtime, imports,
    values::Malloc,
    wasm_export, wasm_import,
    wasmtime::{Caller, Engine, Linker, Memory, Module, Store, TypedFunc, format_err},
};

use crate::{guests, hosts, table::Table, work::Total};

/// What the guest exports.
#[wasm_export(allocator = Malloc)]
trait Exports {
    /// Adds 1.
    fn add_one(x: u32) -> Result<u32>;
    /// The length of the text.
    fn length(text: &str) -> Result<u32>;
    /// A number.
    #[wasm_export(global)]
    fn level() -> Result<i32>;
}

/// How many calls are measured at once.
const CALLS: u32 = guests::CALLS;

const TEXT: &str = "thirty-two bytes of plain ASCII!";

/// Adds the rows.
pub fn rows(table: &mut Table<'_>) -> Result<()> {
    scalar(table)?;
    inside(table)?;
    text(table)?;
    import_after_calls(table)
}

fn instance(engine: &Engine) -> Result<Instance> {
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(Imports::none());
    runtime.build()?.instantiate(guests::exports())
}

fn scalar(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let mut here = instance(&engine)?;
    let exports = here.exports::<Exports>()?;
    let module = Module::new(&engine, guests::exports())?;
    let mut store = Store::new(&engine, ());
    let linker = Linker::new(&engine);
    let by_hand = linker.instantiate(&mut store, &module)?;
    let add_one = by_hand.get_typed_func::<u32, u32>(&mut store, "add_one")?;
    table.row(
        "a bound export from outside",
        1.02,
        || -> Result<u32> {
            let mut sum = 0;
            for x in 0..CALLS {
                sum ^= exports.add_one(&mut here, black_box(x))?;
            }
            Ok(sum)
        },
        || -> Result<u32> {
            let mut sum = 0;
            for x in 0..CALLS {
                sum ^= add_one.call(&mut store, black_box(x))?;
            }
            Ok(sum)
        },
    );
    Ok(())
}

/// Calls a bound export many times.
#[wasm_import(module = "bench", name = "call")]
fn call_many(mut guest: Guest<'_>, calls: u32) -> Result<u32> {
    let exports = guest.state::<OnceLock<Exports>>()?;
    let exports = exports.get().context("they are bound before")?.clone();
    let mut sum = 0;
    for x in 0..calls {
        sum ^= exports.add_one(&mut guest, black_box(x))?;
    }
    Ok(sum)
}

fn inside(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![call_many])
        .state_with(OnceLock::<Exports>::new);
    let mut here = runtime.build()?.instantiate(guests::calling())?;
    let exports = here.exports::<Exports>()?;
    let _ = here.state::<OnceLock<Exports>>()?.set(exports);
    let here_run = here.func::<u32, u32>("run")?;

    let kept = Arc::new(OnceLock::<TypedFunc<u32, u32>>::new());
    let mut linker = Linker::new(&engine);
    let add_one = Arc::clone(&kept);
    linker.func_wrap(
        "bench",
        "call",
        move |mut caller: Caller<'_, ()>, calls: u32| {
            let add_one = add_one.get().ok_or_else(|| format_err!("not kept"))?;
            let mut sum = 0;
            for x in 0..calls {
                sum ^= add_one.call(&mut caller, black_box(x))?;
            }
            Ok::<_, host_runtime::wasmtime::Error>(sum)
        },
    )?;
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, guests::calling())?;
    let by_hand = linker.instantiate(&mut store, &module)?;
    let _ = kept.set(by_hand.get_typed_func(&mut store, "add_one")?);
    let by_hand_run = by_hand.get_typed_func::<u32, u32>(&mut store, "run")?;
    table.row(
        "a bound export from a host function",
        1.05,
        || here_run.call(&mut here, black_box(CALLS)),
        || by_hand_run.call(&mut store, black_box(CALLS)),
    );
    Ok(())
}

fn text(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let mut here = instance(&engine)?;
    let exports = here.exports::<Exports>()?;
    let module = Module::new(&engine, guests::exports())?;
    let mut store = Store::new(&engine, ());
    let by_hand = Linker::new(&engine).instantiate(&mut store, &module)?;
    let malloc = by_hand.get_typed_func::<u32, u32>(&mut store, "malloc")?;
    let free = by_hand.get_typed_func::<u32, ()>(&mut store, "free")?;
    let length = by_hand.get_typed_func::<(u32, u32), u32>(&mut store, "length")?;
    let memory: Memory = by_hand
        .get_memory(&mut store, "memory")
        .context("the guest exports it")?;
    table.row(
        "a 32-byte `&str` argument by `malloc` and `free`",
        1.05,
        || -> Result<u32> {
            let mut sum = 0;
            for _ in 0..CALLS {
                sum ^= exports.length(&mut here, black_box(TEXT))?;
            }
            Ok(sum)
        },
        || -> Result<u32> {
            let mut sum = 0;
            for _ in 0..CALLS {
                let text = black_box(TEXT);
                let size = u32::try_from(text.len())?;
                let pointer = malloc.call(&mut store, size)?;
                anyhow::ensure!(pointer != 0, "no memory");
                memory.write(&mut store, pointer as usize, text.as_bytes())?;
                let result = length.call(&mut store, (pointer, size))?;
                free.call(&mut store, pointer)?;
                sum ^= result;
            }
            Ok(sum)
        },
    );
    Ok(())
}

/// Compares an instance of which a global was read and an export called with one that was not used.
fn import_after_calls(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let instance = || -> Result<Instance> {
        let imports = imports![hosts::text];
        let runtime = Runtime::builder().engine(engine.clone()).imports(imports);
        runtime
            .state(Total(0))
            .build()?
            .instantiate(guests::text_and_exports())
    };
    let (mut used, mut fresh) = (instance()?, instance()?);
    let exports = used.exports::<Exports>()?;
    exports.add_one(&mut used, 1)?;
    exports.length(&mut used, TEXT)?;
    exports.level(&mut used)?;
    let (used_run, fresh_run) = (
        used.func::<u32, u32>("run")?,
        fresh.func::<u32, u32>("run")?,
    );
    table.row(
        "a `&str` import after exports were used, against before",
        1.02,
        || used_run.call(&mut used, black_box(CALLS)),
        || fresh_run.call(&mut fresh, black_box(CALLS)),
    );
    Ok(())
}

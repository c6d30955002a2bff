//! `cargo bench -p host-benches --bench calls` measures the time of hostcalls, of linking and of
//! instantiation. It prints the ratio of the time with `host-runtime` to the time of the same code
//! written by hand. Both are measured in the same run.

mod best_by_hand;
mod by_hand;
mod exports;
mod guests;
mod hosts;
mod many;
mod table;
mod text;
mod work;

use std::{hint::black_box, time::Duration};

use anyhow::{Result, ensure};
use criterion::Criterion;
use host_runtime::{
    ExportedFunc, Handles, HostData, Imports, Instance, Runtime, imports,
    wasmtime::{self, Engine, Linker, Module, Store, TypedFunc},
};
use table::Table;
use work::Total;

fn main() -> Result<()> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args();
    let mut table = Table::new(&mut criterion);
    calls(&mut table)?;
    handle(&mut table)?;
    foreign(&mut table)?;
    link(&mut table)?;
    instantiate(&mut table)?;
    text::rows(&mut table)?;
    exports::rows(&mut table)?;
    table.print();
    Ok(())
}

fn calls(table: &mut Table<'_>) -> Result<()> {
    type ByHand = fn(&Engine) -> wasmtime::Result<Linker<Total>>;
    let rows: [(&str, f64, String, Imports, ByHand); 7] = [
        (
            "`fn(i32) -> i32` through `Runtime`",
            0.90,
            guests::scalar(),
            imports![hosts::scalar],
            by_hand::scalar,
        ),
        (
            "the same with `#[state] &mut`",
            1.00,
            guests::scalar(),
            imports![hosts::state],
            by_hand::state,
        ),
        (
            "32-byte `&str` in through `Runtime`",
            0.35,
            guests::slice(),
            imports![hosts::text],
            by_hand::text,
        ),
        (
            "32 bytes out through `&mut [u8]`",
            0.35,
            guests::slice(),
            imports![hosts::fill],
            by_hand::fill,
        ),
        (
            "a 64-byte struct in by reference",
            0.35,
            guests::pointer(),
            imports![hosts::block],
            by_hand::block,
        ),
        (
            "a string out by the guest's allocator",
            0.80,
            guests::allocator(),
            imports![hosts::give],
            by_hand::give,
        ),
        (
            "a callback from host to guest and back",
            1.05,
            guests::callback(),
            imports![hosts::call_back],
            by_hand::call_back,
        ),
    ];
    for (what, at_most, guest, imports, linker) in rows {
        let engine = Engine::default();
        let (mut here, here_run) = through_runtime(&engine, &guest, imports)?;
        let linker = linker(&engine)?;
        let mut store = Store::new(&engine, Total(0));
        let by_hand_run = in_linker(&linker, &mut store, &guest)?;
        table.row(
            what,
            at_most,
            || here_run.call(&mut here, black_box(guests::CALLS)),
            || by_hand_run.call(&mut store, black_box(guests::CALLS)),
        );
    }
    Ok(())
}

fn handle(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let imports = imports![hosts::open, hosts::read];
    let runtime = Runtime::builder().engine(engine.clone()).imports(imports);
    let runtime = runtime.state_with(Handles::new).build()?;
    let mut here = runtime.instantiate(guests::handle())?;
    let here_run = here.func::<u32, u32>("run")?;
    let linker = by_hand::handle(&engine)?;
    let mut store = Store::new(&engine, by_hand::Table::default());
    let by_hand_run = in_linker(&linker, &mut store, &guests::handle())?;
    table.row(
        "a handle look-up",
        1.00,
        || here_run.call(&mut here, black_box(guests::CALLS)),
        || by_hand_run.call(&mut store, black_box(guests::CALLS)),
    );
    Ok(())
}

fn foreign(table: &mut Table<'_>) -> Result<()> {
    let (engine, guest) = (Engine::default(), guests::slice());
    let mut linker = Linker::new(&engine);
    imports![hosts::text].add_to_linker(&mut linker, |host: &mut HostData| host)?;
    let mut store = Store::new(&engine, HostData::new());
    let here_run = in_linker(&linker, &mut store, &guest)?;
    let by_hand_linker = by_hand::text(&engine)?;
    let mut by_hand_store = Store::new(&engine, Total(0));
    let by_hand_run = in_linker(&by_hand_linker, &mut by_hand_store, &guest)?;
    table.row(
        "`&str` in through a foreign `Linker<T>`",
        0.80,
        || here_run.call(&mut store, black_box(guests::CALLS)),
        || by_hand_run.call(&mut by_hand_store, black_box(guests::CALLS)),
    );
    Ok(())
}

type Run<F> = (Instance, F);

fn through_runtime(
    engine: &Engine,
    guest: &str,
    imports: Imports,
) -> Result<Run<ExportedFunc<u32, u32>>> {
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(imports)
        .state(Total(0))
        .build()?;
    let mut instance = runtime.instantiate(guest)?;
    let run = instance.func("run")?;
    Ok((instance, run))
}

fn in_linker<T>(
    linker: &Linker<T>,
    store: &mut Store<T>,
    guest: &str,
) -> Result<TypedFunc<u32, u32>> {
    let module = Module::new(linker.engine(), guest)?;
    let instance = linker.instantiate(&mut *store, &module)?;
    Ok(instance.get_typed_func(&mut *store, "run")?)
}

fn link(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, guests::ten_of_a_thousand())?;
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(many::set())
        .build()?;
    ensure!(runtime.imports().len() == 1000, "a thousand functions");
    table.row(
        "link and instantiate 10 of 1,000 functions",
        0.10,
        || runtime.instantiate_pre(&module)?.instantiate(),
        || -> wasmtime::Result<_> {
            let linker = many::by_hand(&engine)?;
            let mut store = Store::new(&engine, Total(0));
            let instance = linker.instantiate(&mut store, &module)?;
            Ok((store, instance))
        },
    );
    Ok(())
}

fn instantiate(table: &mut Table<'_>) -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, guests::slice())?;
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![hosts::text])
        .build()?;
    let prepared = runtime.instantiate_pre(&module)?;
    let pre = by_hand::text(&engine)?.instantiate_pre(&module)?;
    table.row(
        "instantiate a prepared module again",
        1.10,
        || prepared.instantiate(),
        || -> wasmtime::Result<_> {
            let mut store = Store::new(&engine, Total(0));
            let instance = pre.instantiate(&mut store)?;
            Ok((store, instance))
        },
    );
    Ok(())
}

//! `cargo bench -p host-benches --bench calls`: what a hostcall, linking and instantiating cost
//! through `host-runtime`, as ratios to the same by hand in the same run.

use std::{fs, hint::black_box, time::Duration};

use anyhow::{Context as _, Result, ensure};
use criterion::Criterion;
use host_benches::{by_hand, guests, hosts, hosts::Total, many};
use host_runtime::{
    ExportedFunc, HostData, Imports, Instance, Runtime, imports,
    wasmtime::{self, Engine, Linker, Module, Store, TypedFunc},
};

/// A row of the table: what it compares, and the ratio that it may have at most.
const ROWS: [(&str, &str, f64); 7] = [
    ("scalar", "`fn(i32) -> i32` through `Runtime`", 0.90),
    ("state", "the same with `#[state] &mut`", 1.00),
    ("text", "32-byte `&str` in through `Runtime`", 0.35),
    ("fill", "32 bytes out through `&mut [u8]`", 0.35),
    (
        "foreign-text",
        "`&str` in through a foreign `Linker<T>`",
        0.80,
    ),
    ("link", "link and instantiate 10 of 1,000 functions", 0.10),
    ("instantiate", "instantiate a prepared module again", 1.10),
];

fn main() -> Result<()> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args();
    calls(&mut criterion)?;
    link(&mut criterion)?;
    instantiate(&mut criterion)?;
    criterion.final_summary();
    table()
}

fn calls(criterion: &mut Criterion) -> Result<()> {
    type ByHand = fn(&Engine) -> wasmtime::Result<Linker<Total>>;
    let sides: [(&str, String, Imports, ByHand); 4] = [
        (
            "scalar",
            guests::scalar(),
            imports![hosts::scalar],
            by_hand::scalar,
        ),
        (
            "state",
            guests::scalar(),
            imports![hosts::state],
            by_hand::state,
        ),
        (
            "text",
            guests::slice(),
            imports![hosts::text],
            by_hand::text,
        ),
        (
            "fill",
            guests::slice(),
            imports![hosts::fill],
            by_hand::fill,
        ),
    ];
    for (name, guest, imports, linker) in sides {
        let engine = Engine::default();
        let (mut here, here_run) = through_runtime(&engine, &guest, imports)?;
        let linker = linker(&engine)?;
        let mut store = Store::new(&engine, Total(0));
        let by_hand_run = in_linker(&linker, &mut store, &guest)?;
        let mut group = criterion.benchmark_group(name);
        group.bench_function("here", |bencher| {
            bencher.iter(|| here_run.call(&mut here, black_box(guests::CALLS)));
        });
        group.bench_function("by-hand", |bencher| {
            bencher.iter(|| by_hand_run.call(&mut store, black_box(guests::CALLS)));
        });
        group.finish();
    }
    foreign(criterion)
}

fn foreign(criterion: &mut Criterion) -> Result<()> {
    let (engine, guest) = (Engine::default(), guests::slice());
    let mut linker = Linker::new(&engine);
    imports![hosts::text].add_to_linker(&mut linker, |host: &mut HostData| host)?;
    let mut store = Store::new(&engine, HostData::new());
    let here_run = in_linker(&linker, &mut store, &guest)?;
    let by_hand_linker = by_hand::text(&engine)?;
    let mut by_hand_store = Store::new(&engine, Total(0));
    let by_hand_run = in_linker(&by_hand_linker, &mut by_hand_store, &guest)?;
    let mut group = criterion.benchmark_group("foreign-text");
    group.bench_function("here", |bencher| {
        bencher.iter(|| here_run.call(&mut store, black_box(guests::CALLS)));
    });
    group.bench_function("by-hand", |bencher| {
        bencher.iter(|| by_hand_run.call(&mut by_hand_store, black_box(guests::CALLS)));
    });
    group.finish();
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

fn link(criterion: &mut Criterion) -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, guests::ten_of_a_thousand())?;
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(many::set())
        .build()?;
    ensure!(runtime.imports().len() == 1000, "a thousand functions");
    let mut group = criterion.benchmark_group("link");
    group.bench_function("here", |bencher| {
        bencher.iter(|| runtime.prepare(&module)?.instantiate());
    });
    group.bench_function("by-hand", |bencher| {
        bencher.iter(|| -> wasmtime::Result<_> {
            let linker = many::by_hand(&engine)?;
            let mut store = Store::new(&engine, Total(0));
            let instance = linker.instantiate(&mut store, &module)?;
            Ok((store, instance))
        });
    });
    group.finish();
    Ok(())
}

fn instantiate(criterion: &mut Criterion) -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, guests::slice())?;
    let runtime = Runtime::builder()
        .engine(engine.clone())
        .imports(imports![hosts::text])
        .build()?;
    let prepared = runtime.prepare(&module)?;
    let pre = by_hand::text(&engine)?.instantiate_pre(&module)?;
    let mut group = criterion.benchmark_group("instantiate");
    group.bench_function("here", |bencher| bencher.iter(|| prepared.instantiate()));
    group.bench_function("by-hand", |bencher| {
        bencher.iter(|| -> wasmtime::Result<_> {
            let mut store = Store::new(&engine, Total(0));
            let instance = pre.instantiate(&mut store)?;
            Ok((store, instance))
        });
    });
    group.finish();
    Ok(())
}

/// Prints the ratios of the run that has just ended: of the fastest sample of each side, which
/// whatever else the machine does disturbs least.
fn table() -> Result<()> {
    println!(
        "\n{:<48} {:>9} {:>9} {:>6} {:>8}",
        "", "here", "by hand", "ratio", "at most"
    );
    for (group, what, at_most) in ROWS {
        let (here, there) = (fastest(group, "here")?, fastest(group, "by-hand")?);
        println!(
            "{what:<48} {here:>6.0} ns {there:>6.0} ns {:>6.2} {at_most:>8.2}",
            here / there
        );
    }
    println!(
        "A call of the first five rows makes {} hostcalls.",
        guests::CALLS
    );
    Ok(())
}

/// Criterion's samples of one side.
#[derive(serde::Deserialize)]
struct Samples {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// The fastest sample of one side, in nanoseconds an iteration.
fn fastest(group: &str, side: &str) -> Result<f64> {
    let executable = std::env::current_exe()?;
    let target = executable
        .ancestors()
        .find(|path| path.join("criterion").is_dir())
        .context("Criterion has kept no samples")?;
    let path = target.join(format!("criterion/{group}/{side}/new/sample.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    let Samples { iters, times } = serde_json::from_str(&text)?;
    let each = times.iter().zip(&iters).map(|(time, iters)| time / iters);
    each.min_by(f64::total_cmp).context("no samples")
}

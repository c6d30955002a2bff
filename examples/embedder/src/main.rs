//! Annotated functions in the linker of an embedder. The embedder has its own store data, and also
//! uses WASI and a host function that is written by hand.
//!
//! Run it with `cargo run -p host-example-embedder`. It builds WASI, which takes a while.

use std::collections::BTreeMap;

use host_runtime::{
    HostData, Imports, wasm_import,
    wasmtime::{self, Caller, Engine, Extern, Linker, Module, Store},
};
use wasmtime_wasi::{
    WasiCtx,
    p1::{self, WasiP1Ctx},
};

/// The store's data. Annotated functions use only the field `host`.
struct App {
    players: u32,
    rounds: u32,
    wasi: WasiP1Ctx,
    host: HostData,
}

/// Host state. The `HostData` contains it.
#[derive(Default)]
struct Scores(BTreeMap<String, u32>);

/// This function does not depend on `App`, so it can be added to any linker.
#[wasm_import(module = "scores")]
fn add(#[state] scores: &mut Scores, player: &str, points: u32) {
    *scores.0.entry(player.to_owned()).or_default() += points;
}

/// Wasmtime's `Caller` gives access to the whole store, so this function can be added only to a
/// `Linker<App>`. It can use the store's data, and it can call the guest.
#[wasm_import(module = "game")]
fn play(mut caller: Caller<'_, App>, rounds: u32) -> wasmtime::Result<()> {
    let round = caller.get_export("round").and_then(Extern::into_func);
    let Some(round) = round else {
        wasmtime::bail!("the guest exports no function `round`");
    };
    let round = round.typed::<(), ()>(&caller)?;
    for _ in 0..rounds {
        caller.data_mut().rounds += 1;
        println!("Round {}.", caller.data().rounds);
        round.call(&mut caller, ())?;
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    p1::add_to_linker_sync(&mut linker, |app: &mut App| &mut app.wasi)?;
    linker.func_wrap("game", "players", |caller: Caller<'_, App>| {
        caller.data().players
    })?;
    Imports::collected()?.add_to_linker(&mut linker, |app: &mut App| &mut app.host)?;

    let app = App {
        players: 3,
        rounds: 0,
        wasi: WasiCtx::builder().inherit_stdout().build_p1(),
        host: HostData::new().with(Scores::default()),
    };
    let mut store = Store::new(&engine, app);
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/guest.wat");
    let instance = linker.instantiate(&mut store, &Module::from_file(&engine, guest)?)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    start.call(&mut store, ())?;

    let app = store.data();
    println!("Scores after {} rounds:", app.rounds);
    if let Some(Scores(scores)) = app.host.state() {
        for (player, points) in scores {
            println!("{player} {points}");
        }
    }
    Ok(())
}

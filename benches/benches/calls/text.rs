//! Text and bytes of several lengths, against the best code by hand.

use std::hint::black_box;

use anyhow::Result;
use host_runtime::{
    Imports, Runtime, imports,
    wasmtime::{self, Engine, Linker},
};

use crate::{
    best_by_hand::{self, Kept},
    guests, hosts,
    table::Table,
    work::Total,
};

/// Adds the rows.
pub fn rows(table: &mut Table<'_>) -> Result<()> {
    for (length, ascii, at_most) in [
        (0, true, 1.0),
        (32, true, 1.0),
        (32, false, 1.0),
        (256, true, 1.0),
        (256, false, 1.0),
        (4096, true, 0.6),
        (4096, false, 0.2),
        (1 << 20, true, 0.6),
        (1 << 20, false, 0.2),
    ] {
        let kind = if ascii { "ASCII" } else { "not ASCII" };
        let what = format!("`&str` of {length} bytes, {kind}, kept `Memory`");
        let linker = best_by_hand::text;
        row(
            table,
            &what,
            at_most,
            imports![hosts::text],
            linker,
            (length, ascii),
        )?;
    }
    let state = imports![hosts::text_and_state];
    let linker = best_by_hand::text_and_state;
    let what = "`&str` of 32 bytes with `#[state] &mut`, kept `Memory`";
    row(table, what, 0.95, state, linker, (32, true))?;
    let what = "`&[u8]` of 32 bytes, kept `Memory`";
    row(
        table,
        what,
        1.0,
        imports![hosts::slice],
        best_by_hand::slice,
        (32, true),
    )
}

fn row(
    table: &mut Table<'_>,
    what: &str,
    at_most: f64,
    imports: Imports,
    by_hand: fn(&Engine) -> wasmtime::Result<Linker<Kept>>,
    (length, ascii): (u32, bool),
) -> Result<()> {
    let engine = Engine::default();
    let guest = guests::text(length, ascii);
    let runtime = Runtime::builder().engine(engine.clone()).imports(imports);
    let mut here = runtime.state(Total(0)).build()?.instantiate(&guest)?;
    let here_run = here.func::<u32, u32>("run")?;
    let (mut store, by_hand_run) = best_by_hand::instantiate(&by_hand(&engine)?, &guest)?;
    // Long texts take as long as many short ones.
    let calls = (guests::CALLS * 32 / length.max(32)).max(4);
    table.row(
        what,
        at_most,
        || here_run.call(&mut here, black_box(calls)),
        || by_hand_run.call(&mut store, black_box(calls)),
    );
    Ok(())
}

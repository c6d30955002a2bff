//! Runs the parser of the npm package `source-map`, which tools for web development use. It calls
//! the host for every mapping that it finds.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example source-map`.

use host_runtime::{Instance, Runtime, wasm_import};

/// The field `mappings` of a source map.
const MAPPINGS: &str = "AAAA;AACA,CAAC;EAEEA,IAAMC,EAAG";

/// The only import of the module. Each call passes one mapping: ten numbers and flags.
#[expect(clippy::too_many_arguments, reason = "the guest passes that many")]
#[wasm_import(module = "env")]
fn mapping_callback(
    generated_line: u32,
    generated_column: u32,
    has_last_column: bool,
    last_column: u32,
    has_original: bool,
    source: u32,
    original_line: u32,
    original_column: u32,
    has_name: bool,
    name: u32,
) {
    print!("mapping gen {generated_line}:{generated_column}");
    if has_last_column {
        print!("..{last_column}");
    }
    if has_original {
        print!(" orig src{source} {original_line}:{original_column}");
    }
    if has_name {
        print!(" name{name}");
    }
    println!();
}

fn main() -> anyhow::Result<()> {
    let module = host_examples::real_guest("mappings.wasm")?;
    let mut guest = Runtime::new()?.load_file(module)?.instantiate()?;

    let map = parse(&mut guest, MAPPINGS)?;
    println!("parsed {}", map != 0);
    println!("-- by_generated_location");
    guest.call::<_, ()>("by_generated_location", map)?;
    println!("-- by_original_location");
    guest.call::<_, ()>("by_original_location", map)?;
    println!("-- compute_column_spans + by_generated_location");
    guest.call::<_, ()>("compute_column_spans", map)?;
    guest.call::<_, ()>("by_generated_location", map)?;

    println!("-- original_location_for line 2 col 9 (GREATEST_LOWER_BOUND=1)");
    guest.call::<_, ()>("original_location_for", (map, 2, 9, 1))?;
    println!("-- generated_location_for src 0 line 3 col 2 (LEAST_UPPER_BOUND=2)");
    guest.call::<_, ()>("generated_location_for", (map, 0, 3, 2, 2))?;
    guest.call::<_, ()>("free_mappings", map)?;

    let bad = parse(&mut guest, "AA!A")?;
    let error: u32 = guest.call("get_last_error", ())?;
    println!("bad input -> {bad} error code {error}");
    Ok(())
}

/// Parses mappings, and returns 0 on an error. The guest allocates the memory for the mappings.
fn parse(guest: &mut Instance, mappings: &str) -> anyhow::Result<u32> {
    let length = u32::try_from(mappings.len())?;
    let pointer: u32 = guest.call("allocate_mappings", length)?;
    guest.write(pointer, mappings.as_bytes())?;
    guest.call("parse_mappings", pointer)
}

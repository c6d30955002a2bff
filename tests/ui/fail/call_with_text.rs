//! Calls guest functions with types that WebAssembly does not have.

use host_runtime::{Guest, Instance, wasm_import};

#[wasm_import]
fn back(mut guest: Guest<'_>) -> anyhow::Result<()> {
    guest.call::<(&str,), i32>("log", ("text",))?;
    guest.call::<i32, String>("name", 1)?;
    Ok(())
}

fn references(guest: &mut Instance) -> anyhow::Result<String> {
    guest.call::<&str, ()>("log", "text")?;
    guest.call::<i32, String>("name", 1)
}

fn main() {}

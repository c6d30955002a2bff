use host_runtime::{Guest, wasm_import};

#[wasm_import]
const BASE: i32 = 0;

#[wasm_import]
fn change(mut guest: Guest<'_>) {
    let _ = guest.set_global::<BASE>(1);
}

fn main() {}

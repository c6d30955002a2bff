use host_runtime::{imports, wasm_import};

#[wasm_import]
fn print() {}

fn main() {
    let _ = imports![print, "print"];
    let _ = imports![print print];
    let _ = imports![mod "print"];
}

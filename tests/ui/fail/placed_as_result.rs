use host_runtime::{values::Placed, wasm_import};

#[wasm_import]
fn name() -> Placed<&'static str> {
    "host".into()
}

fn main() {}

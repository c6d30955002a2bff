use host_runtime::{values::ReturnPointer, wasm_import};

#[wasm_import]
fn get() -> ReturnPointer<String> {
    ReturnPointer(String::new())
}

fn main() {}

use host_runtime::{values::ReturnPointer, wasm_import};

#[wasm_import]
fn get() -> (ReturnPointer<u32>, ReturnPointer<u32>) {
    (ReturnPointer(1), ReturnPointer(2))
}

fn main() {}

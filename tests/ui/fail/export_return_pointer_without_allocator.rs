use host_runtime::{values::ReturnPointer, wasm_export};

#[wasm_export]
trait Window {
    fn size() -> anyhow::Result<ReturnPointer<[u32; 2]>>;
}

fn main() {}

use host_runtime::{values::CabiRealloc, wasm_export};

#[wasm_export(allocator = CabiRealloc)]
trait Window {
    fn title(text: &str) -> anyhow::Result<()>;
}

fn main() {}

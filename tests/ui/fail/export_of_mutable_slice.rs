use host_runtime::{values::Malloc, wasm_export};

#[wasm_export(allocator = Malloc)]
trait Reader {
    fn read(into: &mut [u8]) -> anyhow::Result<u32>;
}

fn main() {}

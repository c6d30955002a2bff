use host_runtime::{values::Malloc, wasm_export};

struct Page;

#[wasm_export(allocator = Malloc)]
trait Reader {
    fn open(name: String) -> anyhow::Result<u32>;
    fn page(page: &Page) -> anyhow::Result<u32>;
    fn borrowed() -> anyhow::Result<&'static str>;
    fn other() -> anyhow::Result<Page>;
}

fn main() {}

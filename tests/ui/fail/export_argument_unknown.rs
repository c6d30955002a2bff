use host_runtime::{values::Malloc, wasm_export};

#[wasm_export(alocator = Malloc, module = "env")]
trait Counter {
    #[wasm_export(nam = "next", global = 1)]
    fn get() -> anyhow::Result<u32>;
}

fn main() {}

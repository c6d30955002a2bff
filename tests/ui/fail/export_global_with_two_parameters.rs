use host_runtime::wasm_export;

#[wasm_export]
trait Window {
    #[wasm_export(global)]
    fn size(width: u32, height: u32) -> anyhow::Result<()>;
}

fn main() {}

use host_runtime::wasm_export;

#[wasm_export]
trait Markdown {
    fn render(source: &str, flags: u32) -> anyhow::Result<String>;
}

fn main() {}

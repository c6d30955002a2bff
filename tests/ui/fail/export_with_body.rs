use host_runtime::wasm_export;

#[wasm_export]
trait Counter {
    fn next(&self) -> anyhow::Result<u32> {
        Ok(1)
    }
    fn first<T>(of: T) -> anyhow::Result<u32>;
    async fn later() -> anyhow::Result<u32>;
    const LIMIT: u32;
}

fn main() {}

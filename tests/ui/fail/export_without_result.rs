use host_runtime::wasm_export;

#[wasm_export]
trait Counter {
    fn next() -> u32;
    fn reset();
}

fn main() {}

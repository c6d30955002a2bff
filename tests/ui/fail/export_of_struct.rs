use host_runtime::wasm_export;

#[wasm_export]
struct Counter;

fn main() {}

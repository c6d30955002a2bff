use host_runtime::wasm_import;

#[wasm_import]
const NAME: &str = "name";

fn main() {}

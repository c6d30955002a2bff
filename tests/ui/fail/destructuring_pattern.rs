use host_runtime::wasm_import;

struct Percent(u8);

#[wasm_import(module = "lamp")]
fn dim(Percent(_to): Percent) {}

fn main() {}

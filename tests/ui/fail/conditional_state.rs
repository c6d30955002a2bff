use host_runtime::wasm_import;

struct App;

#[wasm_import(module = "ffi")]
fn get(#[cfg_attr(all(), state)] _app: &App) {}

fn main() {}

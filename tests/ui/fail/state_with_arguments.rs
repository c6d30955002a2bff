use host_runtime::wasm_import;

struct App;

#[wasm_import(module = "ffi")]
fn get(#[state(App)] _app: &App) {}

fn main() {}

use host_runtime::wasm_import;

struct Console;

#[wasm_import(module = "ffi")]
fn print(#[state] #[caller] _console: &Console, _x: i32) {}

fn main() {}

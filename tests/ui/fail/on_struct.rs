use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
struct Point {
    x: i32,
}

fn main() {}

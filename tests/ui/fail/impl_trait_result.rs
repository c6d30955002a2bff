use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn next() -> impl Into<i64> {
    1_i64
}

fn main() {}

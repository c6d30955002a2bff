use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn fill<const N: usize>(x: i32) -> i32 {
    x
}

fn main() {}

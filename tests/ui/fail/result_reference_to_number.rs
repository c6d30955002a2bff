use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn first(numbers: &[i32]) -> &i32 {
    &numbers[0]
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
async fn fetch(_url: &str) -> i32 {
    200
}

fn main() {}

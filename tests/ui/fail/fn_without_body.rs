use host_runtime::wasm_import;

unsafe extern "C" {
    #[wasm_import(module = "ffi")]
    fn print(x: i32);
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
fn exit(code: i32) -> ! {
    panic!("{code}")
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import]
mod all {
    #[wasm_import(name = "size")]
    const SIZE: i32 = 0;

    fn size() {}
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import]
mod all {
    #[wasm_import(skip)]
    const BASE: i32 = 0;

    fn f() {}
}

fn main() {}

use host_runtime::wasm_import;

struct Kv<T>(T);

#[wasm_import(module = "kv")]
impl<T: Copy> Kv<T> {
    fn size(&self) -> i32 {
        1
    }
}

fn main() {}

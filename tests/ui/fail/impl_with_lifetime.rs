use host_runtime::wasm_import;

struct Kv<'a>(&'a str);

#[wasm_import(module = "kv")]
impl Kv<'_> {
    fn size(&self) -> i32 {
        1
    }
}

fn main() {}

use host_runtime::wasm_import;

struct Kv<'a>(&'a str);

#[wasm_import(module = "kv")]
fn get<'a>(#[state] kv: &mut Kv<'a>, key: &'a str) {
    kv.0 = key;
}

fn main() {}

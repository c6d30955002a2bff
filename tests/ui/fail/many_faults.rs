use host_runtime::wasm_import;

struct Kv;

#[wasm_import(modul = "kv", nam = "copy")]
unsafe fn copy<T>(
    #[state] _from: &Kv,
    #[state] _to: &mut Kv,
    (_key, _value): (i32, i32),
    _more: impl Copy,
) -> &'static str {
    ""
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(names = ["print"])]
mod ffi {
    pub fn print(_x: i32) {}
}

struct Kv;

#[wasm_import(names = ["get"])]
impl Kv {
    fn get(&self) {}
}

fn main() {}

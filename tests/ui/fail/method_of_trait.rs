use host_runtime::wasm_import;

trait Print {
    #[wasm_import(module = "ffi")]
    fn print(&self, _x: i32) {}
}

fn main() {}

use host_runtime::wasm_import;

#[wasm_import(module = "ffi")]
trait Print {
    fn print(&self, x: i32);
}

fn main() {}

use host_runtime::wasm_import;

trait Print {
    fn print(&self, x: i32, log: &String);
}

struct Console;

#[wasm_import(module = "console")]
impl Print for Console {
    fn print(&self, _x: i32, #[state] _log: &String) {}
}

fn main() {}

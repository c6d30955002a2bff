use host_runtime::wasm_import;

struct Point {
    x: i32,
}

#[wasm_import(module = "plane")]
fn draw(_at: Point) {}

fn main() {}

use host_runtime::wasm_import;

struct Point;

#[wasm_import(module = "ffi")]
fn draw(at: Point, _size: usize, _names: &[char]) -> Point {
    at
}

fn main() {}

use host_runtime::wasm_import;

#[repr(C)]
struct Point {
    x: f32,
    y: f32,
}

#[wasm_import(module = "ffi")]
fn draw(point: &Point) -> f32 {
    point.x + point.y
}

fn main() {}

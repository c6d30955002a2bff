use host_runtime::FromGuest;

#[derive(FromGuest)]
struct Point {
    x: f32,
    y: f32,
}

fn main() {}

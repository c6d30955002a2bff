use host_runtime::FromGuest;

#[derive(FromGuest)]
enum Shape {
    Point,
    Circle(f32),
}

fn main() {}

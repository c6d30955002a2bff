use host_runtime::FromGuest;

#[derive(FromGuest)]
struct Wrapped<T>(T);

fn main() {}

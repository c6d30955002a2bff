use host_runtime::{FromGuest, IntoGuest};

#[derive(FromGuest, IntoGuest)]
struct Size(usize);

fn main() {}

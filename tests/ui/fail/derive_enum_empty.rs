use host_runtime::{FromGuest, IntoGuest};

#[derive(FromGuest, IntoGuest)]
enum Never {}

fn main() {}

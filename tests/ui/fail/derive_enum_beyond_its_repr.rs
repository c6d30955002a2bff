use host_runtime::{FromGuest, IntoGuest};

#[derive(FromGuest)]
enum Wide {
    _A = 1,
    _B = 0x1_0000_0000,
}

#[derive(IntoGuest)]
enum Far {
    _A = -0x1_0000_0000,
}

fn main() {}

use host_runtime::{FromGuest, IntoGuest};

#[derive(FromGuest)]
enum NotLast {
    #[guest(other)]
    Unknown(i32),
    Known,
}

#[derive(FromGuest, IntoGuest)]
#[repr(u8)]
enum OtherType {
    Known = 1,
    #[guest(other)]
    Unknown(i32),
}

#[derive(IntoGuest)]
enum NoField {
    Known,
    #[guest(other)]
    Unknown,
}

#[derive(FromGuest)]
enum Misspelt {
    Known,
    #[guest(others)]
    Unknown(i32),
}

fn main() {}

use host_runtime::FromGuest;

#[derive(FromGuest)]
#[repr(usize)]
enum Mode {
    Off,
    On,
}

fn main() {}

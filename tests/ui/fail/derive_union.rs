use host_runtime::FromGuest;

#[derive(FromGuest)]
union Bits {
    float: f32,
    integer: u32,
}

fn main() {}

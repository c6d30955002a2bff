use host_runtime::FromGuest;

#[derive(FromGuest)]
#[guest(rename = "x")]
struct Name(u32);

fn main() {}

use host_runtime::IntoGuest;

#[derive(IntoGuest)]
struct Nothing;

fn main() {}

use host_runtime::Guest;

const BASE: i32 = 0;

struct Plain;

fn read(mut guest: Guest<'_>) {
    let _ = guest.global::<Plain>();
}

fn main() {}

use host_runtime::FromGuest;

#[derive(FromGuest)]
struct Pair<'a, 'b>(&'a (&'b str,));

fn main() {}

use host_runtime::Imports;

struct Kv;

fn main() {
    let _ = Imports::none().alias::<Kv>("wbg", "log");
}

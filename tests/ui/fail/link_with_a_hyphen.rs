host_runtime::link!(my-imports);
host_runtime::link!("my_imports");
host_runtime::link!();

fn main() {}

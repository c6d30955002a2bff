//! Names a crate of imports that contributes nothing: collecting is an error that says so.

host_runtime::link!(test_silent);

fn main() {
    match host_runtime::Imports::collected() {
        Ok(imports) => println!("collected {imports:?}"),
        Err(error) => println!("{error}"),
    }
}

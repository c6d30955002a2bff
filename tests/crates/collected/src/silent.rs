//! `link!` names a crate without host functions, so `Imports::collected` returns an error.

host_runtime::link!(test_silent);

fn main() {
    match host_runtime::Imports::collected() {
        Ok(imports) => println!("collected {imports:?}"),
        Err(error) => println!("{error}"),
    }
}

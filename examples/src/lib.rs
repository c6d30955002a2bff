//! Example programs, in the folders next to `Cargo.toml`.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::ensure;

/// The path of a module that comes from npm: the argument of the program if there is one, or else
/// the place where `scripts/fetch-guests` puts the module.
///
/// # Errors
///
/// If there is no argument and the module has not been fetched.
pub fn real_guest(file: &str) -> anyhow::Result<PathBuf> {
    if let Some(path) = env::args_os().nth(1) {
        return Ok(path.into());
    }
    let guests = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests");
    let path = Path::new(guests).join(file);
    ensure!(
        path.is_file(),
        "{file} is not here yet: run `scripts/fetch-guests`, or pass the path of the module"
    );
    Ok(path)
}

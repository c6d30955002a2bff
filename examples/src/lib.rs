//! Example programs, in the folders next to `Cargo.toml`.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::ensure;
use host_runtime::{
    Imports, RuntimeBuilder,
    wasmtime::{self, Engine, Extern, ExternType, Func, Module},
};

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

/// Provides a function that fails for each function that a module imports and the program does not
/// define.
///
/// # Errors
///
/// If the module is not valid.
pub fn fail_missing(
    mut builder: RuntimeBuilder,
    engine: &Engine,
    module: &[u8],
) -> anyhow::Result<RuntimeBuilder> {
    let defined = Imports::collected()?;
    for import in Module::new(engine, module)?.imports() {
        let (module, name) = (import.module(), import.name());
        let ExternType::Func(ty) = import.ty() else {
            continue;
        };
        if defined.get(module, name).is_some() {
            continue;
        }
        let error =
            format!("the guest calls `{module}.{name}`, which this program does not define");
        builder = builder.provide_with(module, name, move |store| {
            let error = error.clone();
            let missing = Func::new(store, ty.clone(), move |_, _, _| wasmtime::bail!("{error}"));
            Ok(Extern::from(missing).into())
        });
    }
    Ok(builder)
}

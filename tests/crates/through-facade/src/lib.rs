//! Host functions of a crate that does not depend on `host-runtime` directly.

use facade::engine::{wasm_import, wasmtime::Caller};

/// A state.
pub struct Kv(pub i32);

/// Adds the state and the length of the text.
///
/// # Errors
///
/// If the state is negative.
#[wasm_import(module = "facade", crate = facade::engine)]
pub fn add(#[state] kv: &Kv, text: &str) -> Result<u32, std::num::TryFromIntError> {
    Ok(u32::try_from(kv.0)? + u32::try_from(text.len())?)
}

#[wasm_import(module = "facade", crate = facade::engine)]
fn with_caller(mut caller: Caller<'_, Kv>, x: i32) -> i32 {
    caller.data_mut().0 += x;
    x
}

/// The path in `crate` must be valid inside this module.
#[wasm_import(module = "facade", crate = ::facade::engine)]
pub mod module {
    /// One.
    #[must_use]
    pub fn one() -> i32 {
        1
    }
}

#[wasm_import(module = "facade", crate = facade::engine)]
impl Kv {
    fn get(&self) -> i32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facade::engine::{Imports, imports};

    #[test]
    fn host_functions_are_listed_and_collected() {
        let listed = imports![add, with_caller, mod module, Kv];
        let collected = Imports::collected().unwrap();
        assert_eq!(listed.len(), 4);
        assert_eq!(format!("{listed:?}"), format!("{collected:?}"));
        assert_eq!(
            listed.get("facade", "add").unwrap().crate_name(),
            "through_facade"
        );
    }

    #[test]
    fn host_functions_remain_callable_from_rust() {
        assert_eq!(add(&Kv(1), "ab"), Ok(3));
        assert_eq!(module::one() + Kv(1).get(), 2);
    }
}

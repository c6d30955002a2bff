//! A crate of imports that no code names but the anchor.

/// In a module of its own, which is an object file of its own.
mod inner {
    #[host_runtime::wasm_import(module = "beta")]
    mod functions {
        fn minus(x: i32) -> i32 {
            -x
        }
    }
}

/// What guests count with.
#[derive(Clone, Debug, Default)]
pub struct Counter(i32);

#[host_runtime::wasm_import(module = "beta")]
impl Counter {
    fn count(&mut self) -> i32 {
        self.0 += 1;
        self.0
    }
}
